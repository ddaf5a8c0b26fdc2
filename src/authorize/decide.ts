import type { Client } from "../../stores/clients.ts";
import { type Consent, consentTo } from "../../stores/consents.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import { covers } from "../../stores/resource_scopes.ts";
import { type Interaction, sessionIdOf } from "../../stores/interactions.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { isPublic } from "../clients/authenticate.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import { signInNeed } from "../interactions/requirement.ts";
import { OAuthError } from "../protocol/errors.ts";
import { claimNamesOf, type Grantable, grantableText } from "../grantable/grantable.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import { requirementOf } from "../interactions/request_requirement.ts";

/** The user who is signed in, and the consent that they have given the client. */
export interface SignedIn {
  readonly live: LiveSession;
  readonly consent: Entry<Consent>;
}

export interface Situation {
  readonly now: number;
  readonly client: Client;
  readonly request: AuthorizationRequestParameters;
  readonly redirectUri: string;
  /** What would be granted. */
  readonly grantable: Grantable;
  readonly signedIn: SignedIn | null;
  readonly interaction: Interaction | null;
  /** The subject of a verified `id_token_hint`. */
  readonly hintedSubject: string | null;
  /** Whether what would be granted opens the admin API. */
  readonly administers: boolean;
  /** What the person has just answered on the consent page. */
  readonly answer: ConsentAnswer | null;
}

/** What somebody answered on the consent page. */
export interface ConsentAnswer {
  readonly decision: "allow" | "deny";
  /** What the page told them of, as `grantableText` writes it. */
  readonly told: string;
}

export type Decision =
  /** The person is asked something first. */
  | { readonly next: "page"; readonly page: "login" | "sign_up" | "consent" }
  /** The person has said no. */
  | { readonly next: "deny"; readonly signedIn: SignedIn }
  /** Nothing is in the way; `consents`: the person has just said yes, which is to be remembered. */
  | { readonly next: "issue"; readonly signedIn: SignedIn; readonly consents: boolean };

/**
 * What a request needs next: a person, their consent, or nothing more.
 *
 * @throws {OAuthError} what `prompt=none` must not ask for, what no sign-in could ever meet, and what
 *   this person may not give
 * @see OpenID Connect Core sections 3.1.2.1 to 3.1.2.6
 */
export function decide(situation: Situation): Decision {
  const { request, signedIn, client, grantable, hintedSubject, answer } = situation;
  const silent = request.prompt.includes("none");
  const live = signedIn?.live ?? null;
  const need = signInNeed(requirementOf(request, client, hintedSubject), { ...situation, live });
  if (wantsNewAccount(situation)) return { next: "page", page: "sign_up" };
  if (need !== null || signedIn === null) {
    if (need !== null && silent) throw need.error;
    return { next: "page", page: "login" };
  }
  assertMayAdminister(situation, signedIn);
  if (answer?.decision === "deny") return { next: "deny", signedIn };
  // What has become grantable since the page was shown, the person was not asked about.
  const allowed = answer?.decision === "allow" && answer.told === grantableText(grantable);
  if (!allowed && needsConsent(situation, signedIn)) {
    if (silent) throw new OAuthError("consent_required", "the person has not allowed this yet");
    return { next: "page", page: "consent" };
  }
  return { next: "issue", signedIn, consents: answer !== null };
}

/** Only an administrator gives a client the admin API. @throws {OAuthError} `access_denied` */
function assertMayAdminister({ administers }: Situation, { live }: SignedIn) {
  if (!administers || live.user.value.administrator) return;
  throw new OAuthError("access_denied", `${adminScope} is for administrators`);
}

/**
 * Whether the page for a new account comes first. Who goes on in this request as anybody, with a new
 * account or, by that page's link, with one they had, has seen it.
 *
 * @see OpenID Connect Prompt Create section 4.1
 */
function wantsNewAccount({ request, signedIn, interaction }: Situation): boolean {
  if (!request.prompt.includes("create")) return false;
  if (interaction === null) return true;
  const sessionId = sessionIdOf(interaction);
  return interaction.firstFactor === null &&
    (sessionId === null || sessionId !== signedIn?.live.id);
}

function needsConsent(situation: Situation, signedIn: SignedIn): boolean {
  const { client, request, grantable } = situation;
  const consent = consentTo(client, signedIn.consent);
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
