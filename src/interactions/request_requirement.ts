import type { Client } from "../../stores/clients.ts";
import type { Subjects } from "../claims/subject.ts";
import { isMeant, type SignInRequirement } from "./requirement.ts";
import { type ClaimRequest, wantedValues } from "../protocol/claims_request.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";

/**
 * The requirement of an authorization request.
 *
 * @param hintedSubject the subject of its `id_token_hint`
 * @param subjectOf how the client calls users
 */
export function requirementOf(
  request: AuthorizationRequestParameters,
  client: Client,
  hintedSubject: string | null,
  subjectOf: Subjects,
): SignInRequirement {
  const { id_token: idToken, userinfo } = request.claims ?? {};
  return {
    anew: request.prompt.includes("login"),
    maxAge: request.max_age ?? client.defaultMaxAge,
    chosen: request.prompt.includes("select_account"),
    subjects: [
      ...(hintedSubject === null ? [] : [[hintedSubject]]),
      ...requestedSubjects(idToken?.sub),
      ...requestedSubjects(userinfo?.sub),
    ],
    subjectOf,
    acr: requestedAcr(request),
  };
}

/**
 * Whether a request names this user and nobody else, by an `id_token_hint` or the claim `sub`. Then no
 * other account can meet it: the client would get login_required.
 *
 * @see OpenID Connect Core sections 3.1.2.1 and 5.5.1
 */
export function isOnlyFor(requirement: SignInRequirement, userId: string): boolean {
  return requirement.subjects.some((one) => one.length === 1) && isMeant(requirement, userId);
}

/**
 * The users that a request names in its `claims` parameter. A value that is no text is nobody's subject.
 *
 * @see OpenID Connect Core sections 3.1.2.2 and 5.5.1
 */
function requestedSubjects(sub: ClaimRequest | undefined): string[][] {
  const lists = [
    ...(sub?.value === undefined ? [] : [[sub.value]]),
    ...(sub?.values === undefined ? [] : [sub.values]),
  ];
  return lists.map((list) => list.filter((one) => typeof one === "string"));
}

/**
 * The acr values that a request names. In the `claims` parameter they can be essential. Those of
 * `acr_values` are if the request is for an API: it has asked for them, and would refuse a token without
 * them as often as it is fetched. A request with both kinds must meet both. Voluntary values count only in
 * a request without essential ones.
 *
 * @see OpenID Connect Core section 5.5.1.1, RFC 9470 section 5
 */
export function requestedAcr(request: AuthorizationRequestParameters): SignInRequirement["acr"] {
  const acr = request.claims?.id_token?.acr;
  const values = wantedValues(acr);
  const { acr_values: named, resource, authorization_details: details } = request;
  const isForApi = resource.length > 0 || details !== undefined;
  const essential = [
    ...(acr?.essential && values !== null ? [values] : []),
    ...(isForApi && named.length > 0 ? [named] : []),
  ];
  if (essential.length > 0) return { lists: essential, essential: true };
  return { lists: [[...values ?? [], ...named]], essential: false };
}
