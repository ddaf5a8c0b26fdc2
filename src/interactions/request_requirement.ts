import type { Client } from "../../stores/clients.ts";
import type { Subjects } from "../claims/subject.ts";
import type { SignInRequirement } from "./requirement.ts";
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
  const subject = request.claims?.id_token?.sub?.value;
  return {
    anew: request.prompt.includes("login"),
    maxAge: request.max_age ?? client.defaultMaxAge,
    chosen: request.prompt.includes("select_account"),
    subjects: [hintedSubject, subject].filter((one) => typeof one === "string"),
    subjectOf,
    acr: requestedAcr(request),
  };
}

/**
 * The acr values that a request names. In the `claims` parameter they can be essential. `acr_values` is
 * always voluntary.
 *
 * @see OpenID Connect Core section 5.5.1.1
 */
export function requestedAcr(request: AuthorizationRequestParameters): SignInRequirement["acr"] {
  const acr = request.claims?.id_token?.acr;
  const values = acr?.values ?? (acr?.value === undefined ? [] : [acr.value]);
  if (acr?.essential && values.length > 0) return { values, essential: true };
  return { values: [...values, ...request.acr_values], essential: false };
}
