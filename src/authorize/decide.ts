import { coversDetails } from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import { type Consent, consentTo } from "../../stores/consents.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import { covers } from "../../stores/resource_scopes.ts";
import { type Interaction, sessionIdOf } from "../../stores/interactions.ts";
import { adminScope } from "../clients/admin_resource.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import { isPublic } from "../clients/authenticate.ts";
import { isHttps } from "../identifiers/https.ts";
import type { LiveSession } from "../sessions/live_session.ts";
import { signInNeed } from "../interactions/requirement.ts";
import type { Subjects } from "../claims/subject.ts";
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
  /** The grantable map. */
  readonly grantable: Grantable;
  readonly signedIn: SignedIn | null;
  readonly interaction: Interaction | null;
  /** The subject of a verified `id_token_hint`. */
  readonly hintedSubject: string | null;
  /** How the client calls users. */
  readonly subjectOf: Subjects;
  /** Whether it has authorization details of a type that users are asked about at every request. */
  readonly alwaysAsks: boolean;
  /** Whether the grant would allow the admin API. */
  readonly administers: boolean;
  /** The user's answer on the consent page, just now. */
  readonly answer: ConsentAnswer | null;
}

/** An answer on the consent page. */
export interface ConsentAnswer {
  readonly decision: "allow" | "deny";
  /** What the page showed, in the format of `grantableText`. */
  readonly told: string;
}

export type Decision =
  /** The user is asked first. */
  | { readonly next: "page"; readonly page: "login" | "sign_up" | "consent" }
  /** The user has refused, or is in no group that may use the client. */
  | { readonly next: "deny"; readonly signedIn: SignedIn; readonly because: "user" | "no_access" }
  /** Nothing is missing. `consents`: the user has just agreed, which is to be remembered. */
  | { readonly next: "issue"; readonly signedIn: SignedIn; readonly consents: boolean };

/**
 * Decides what a request needs next: a sign-in, a consent, or nothing more.
 *
 * @throws {OAuthError} if `prompt=none` forbids to ask, if no sign-in could meet the request, or if
 *   this user may not grant it
 * @see OpenID Connect Core sections 3.1.2.1 to 3.1.2.6
 */
export function decide(situation: Situation): Decision {
  const { request, signedIn, client, grantable, hintedSubject, answer } = situation;
  const silent = request.prompt.includes("none");
  const live = signedIn?.live ?? null;
  const need = signInNeed(requirementOf(request, client, hintedSubject, situation.subjectOf), {
    ...situation,
    live,
  });
  if (wantsNewAccount(situation)) return { next: "page", page: "sign_up" };
  if (need !== null || signedIn === null) {
    if (need !== null && silent) throw need.error;
    return { next: "page", page: "login" };
  }
  assertMayAdminister(situation, signedIn);
  if (!mayUse(client, signedIn.live.user.value)) {
    // The consent page says why. What the user answers there makes no difference.
    if (!silent && answer === null) return { next: "page", page: "consent" };
    return { next: "deny", signedIn, because: "no_access" };
  }
  if (answer?.decision === "deny") return { next: "deny", signedIn, because: "user" };
  // The grantable scope may have grown since the page was shown. Only the scope that the page showed
  // was consented to.
  const allowed = answer?.decision === "allow" && answer.told === grantableText(grantable);
  if (!allowed && needsConsent(situation, signedIn)) {
    if (silent) throw new OAuthError("consent_required", "the user has not given consent yet");
    return { next: "page", page: "consent" };
  }
  return { next: "issue", signedIn, consents: answer !== null };
}

/**
 * Only an administrator can give a client access to the admin API. @throws {OAuthError} `access_denied`
 */
function assertMayAdminister({ administers }: Situation, { live }: SignedIn) {
  if (!administers || live.user.value.administrator) return;
  throw new OAuthError("access_denied", `${adminScope} is for administrators`);
}

/**
 * Whether the page for a new account comes first (`prompt=create`). A user who continues this request,
 * with a new account or with the link on that page to sign in, has already seen it. So has a user who did,
 * and wants another account now.
 *
 * @see OpenID Connect Prompt Create section 4.1
 */
function wantsNewAccount({ request, signedIn, interaction }: Situation): boolean {
  if (!request.prompt.includes("create")) return false;
  if (interaction === null) return true;
  if (interaction.user.kind === "another") return false;
  const sessionId = sessionIdOf(interaction);
  return interaction.firstFactor === null &&
    (sessionId === null || sessionId !== signedIn?.live.id);
}

function needsConsent(situation: Situation, signedIn: SignedIn): boolean {
  const { client, request, grantable } = situation;
  const consent = consentTo(client, signedIn.consent);
  if (request.prompt.includes("consent") || situation.alwaysAsks) return true;
  if (client.skipConsent) return false;
  if (isAnybodys(situation)) return true;
  // Offline access is remembered like every other scope: users who are asked the same at each sign-in
  // stop reading the page (docs/decisions.md; OpenID Connect Core section 11 leaves it to the server).
  return consent === null ||
    !covers(consent.resourceScopes, grantable.resourceScopes) ||
    !coversDetails(consent.details ?? [], grantable.details) ||
    !claimNamesOf(grantable).every((name) => consent.claims.includes(name));
}

/**
 * Whether another application on the user's machine could have sent the request. A native client has no
 * secret, and any program can take a loopback port or a private-use scheme. A remembered consent would
 * be given to that program too (RFC 8252 section 8.6).
 */
function isAnybodys({ client, redirectUri }: Situation): boolean {
  return client.applicationType === "native" && isPublic(client) &&
    !isHttps(redirectUri);
}
