import type { Client } from "../../stores/clients.ts";
import type { Consent } from "../../stores/consents.ts";
import type { Interaction } from "../../stores/interactions.ts";
import { acrValues } from "../authn/acr.ts";
import { isPublic } from "../clients/authenticate.ts";
import type { LiveSession } from "../authn/live_session.ts";
import { OAuthError } from "../errors.ts";
import { requestedClaimNames } from "../oidc/claims.ts";
import { subjectOf } from "../oidc/subject.ts";
import type { AuthorizationRequestParameters } from "./parameters.ts";

export interface Situation {
  readonly now: number;
  readonly client: Client;
  readonly request: AuthorizationRequestParameters;
  readonly redirectUri: string;
  /** What would be granted. */
  readonly scope: readonly string[];
  readonly live: LiveSession | null;
  readonly interaction: Interaction | null;
  readonly consent: Consent | null;
  /** The subject of a verified `id_token_hint`. */
  readonly hintedSubject: string | null;
  /** Whether the person has just said yes to this very request. */
  readonly consented: boolean;
}

export type Decision =
  | { readonly next: "login" }
  | { readonly next: "consent" }
  | { readonly next: "issue"; readonly live: LiveSession };

/**
 * What a request needs next: a person, their consent, or nothing more.
 *
 * @throws {OAuthError} what `prompt=none` must not ask for, and what no sign-in could ever meet
 * @see OpenID Connect Core sections 3.1.2.1 to 3.1.2.6
 */
export function decide(situation: Situation): Decision {
  const { request, live } = situation;
  const silent = request.prompt.includes("none");
  const refusal = signInProblem(situation);
  if (live === null || refusal !== null) {
    if (refusal !== null && (silent || signedInHere(situation))) throw refusal;
    if (silent) throw new OAuthError("login_required", "nobody is signed in");
    return { next: "login" };
  }
  if (!situation.consented && needsConsent(situation)) {
    if (silent) throw new OAuthError("consent_required", "the person has not allowed this yet");
    return { next: "consent" };
  }
  return { next: "issue", live };
}

/** Why the sign-in that there is does not do; null if it does. */
function signInProblem(situation: Situation): OAuthError | null {
  const { request, live, interaction, client, now } = situation;
  const acr = essentialAcr(request);
  if (acr && !acr.some((value) => isOneOf(acrValues, value))) {
    throw new OAuthError("unmet_authentication_requirements", "no sign-in here has that acr");
  }
  if (live === null) return null;
  const { authTime, acr: reached } = live.session.value;
  if (acr && !acr.includes(reached)) {
    return new OAuthError("unmet_authentication_requirements", "the sign-in has another acr");
  }
  for (const subject of [situation.hintedSubject, requestedSubject(request)]) {
    if (subject !== null && subject !== subjectOf(live.userId)) {
      return new OAuthError("login_required", "somebody else is signed in");
    }
  }
  if (signedInHere(situation)) return null;
  const maxAge = request.max_age ?? client.defaultMaxAge;
  if (request.prompt.includes("login") || (maxAge !== null && now - authTime >= maxAge)) {
    return new OAuthError("login_required", "the sign-in is too long ago");
  }
  if (request.prompt.includes("select_account") && interaction?.sessionId !== live.id) {
    return new OAuthError("account_selection_required", "the person has not chosen an account");
  }
  return null;
}

/** Whether this session is the fruit of a sign-in in this very interaction. */
function signedInHere({ live, interaction }: Situation): boolean {
  return live !== null && interaction !== null && interaction.authenticated &&
    interaction.sessionId === live.id;
}

function needsConsent(situation: Situation): boolean {
  const { client, request, scope, consent } = situation;
  if (request.prompt.includes("consent")) return true;
  if (client.skipConsent) return false;
  if (isAnybodys(situation)) return true;
  // Access while the person is away is asked for each time (OpenID Connect Core section 11).
  if (scope.includes("offline_access")) return true;
  return consent === null ||
    !covers(consent.scope, scope) ||
    !covers(consent.resources, request.resource) ||
    !covers(consent.claims, requestedClaimNames(request.claims));
}

/**
 * Whether another application on the person's machine could be the one that asks: a native client has no
 * secret, and a loopback port or a private-use scheme can be taken by anyone. A consent remembered for
 * one would be given to the other (RFC 8252 section 8.6).
 */
function isAnybodys({ client, redirectUri }: Situation): boolean {
  return client.applicationType === "native" && isPublic(client) &&
    !redirectUri.startsWith("https:");
}

function covers(allowed: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((one) => allowed.includes(one));
}

/** The acr values of which one is a must; null: `acr_values` alone is a wish. */
function essentialAcr(request: AuthorizationRequestParameters): unknown[] | null {
  const acr = request.claims?.id_token?.acr;
  if (!acr?.essential) return null;
  const values = acr.values ?? (acr.value === undefined ? [] : [acr.value]);
  return values.length > 0 ? values : null;
}

function requestedSubject(request: AuthorizationRequestParameters): string | null {
  const subject = request.claims?.id_token?.sub?.value;
  return typeof subject === "string" ? subject : null;
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return values.some((one) => one === value);
}
