import type { Client } from "../../stores/clients.ts";
import type { Consent } from "../../stores/consents.ts";
import { covers } from "../../stores/resource_scopes.ts";
import type { Interaction } from "../../stores/interactions.ts";
import { isPublic } from "../clients/authenticate.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import { signInNeed } from "../interactions/requirement.ts";
import { OAuthError } from "../protocol/errors.ts";
import { claimNamesOf, type Grantable } from "../grantable/grantable.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import { requirementOf } from "../interactions/request_requirement.ts";

export interface Situation {
  readonly now: number;
  readonly client: Client;
  readonly request: AuthorizationRequestParameters;
  readonly redirectUri: string;
  /** What would be granted. */
  readonly grantable: Grantable;
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
  | { readonly next: "sign_up" }
  | { readonly next: "consent" }
  | { readonly next: "issue"; readonly live: LiveSession };

/**
 * What a request needs next: a person, their consent, or nothing more.
 *
 * @throws {OAuthError} what `prompt=none` must not ask for, and what no sign-in could ever meet
 * @see OpenID Connect Core sections 3.1.2.1 to 3.1.2.6
 */
export function decide(situation: Situation): Decision {
  const { request, live, client, hintedSubject } = situation;
  const silent = request.prompt.includes("none");
  const need = signInNeed(requirementOf(request, client, hintedSubject), situation);
  if (wantsNewAccount(situation)) return { next: "sign_up" };
  if (need !== null || live === null) {
    if (need !== null && silent) throw need.error;
    return { next: "login" };
  }
  if (!situation.consented && needsConsent(situation)) {
    if (silent) throw new OAuthError("consent_required", "the person has not allowed this yet");
    return { next: "consent" };
  }
  return { next: "issue", live };
}

/**
 * Whether the page for a new account comes first. Who goes on in this request as anybody, with a new
 * account or, by that page's link, with one they had, has seen it.
 *
 * @see OpenID Connect Prompt Create section 4.1
 */
function wantsNewAccount({ request, live, interaction }: Situation): boolean {
  if (!request.prompt.includes("create")) return false;
  const { sessionId, firstFactor } = interaction ?? { sessionId: null, firstFactor: null };
  return firstFactor === null && (sessionId === null || sessionId !== live?.id);
}

function needsConsent(situation: Situation): boolean {
  const { client, request, grantable, consent } = situation;
  if (request.prompt.includes("consent")) return true;
  if (client.skipConsent) return false;
  if (isAnybodys(situation)) return true;
  // Access while the person is away is remembered as all else is: a person who is asked the same at each
  // sign-in reads no page any more (docs/decisions.md; OpenID Connect Core section 11 leaves it to us).
  return consent === null ||
    !covers(consent.resourceScopes, grantable.resourceScopes) ||
    !claimNamesOf(grantable).every((name) => consent.claims.includes(name));
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
