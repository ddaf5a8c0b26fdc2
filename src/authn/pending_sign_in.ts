import * as clients from "../../stores/clients.ts";
import { isFresh, isPresent, type Present } from "../../stores/engine/collection.ts";
import * as interactions from "../../stores/interactions.ts";
import type { FirstFactor } from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { isSameName } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { isSameAddress } from "../identifiers/mail_address.ts";
import { assertOwnInteraction, RequestWentOn } from "../interactions/own_interaction.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { phishingResistant } from "../protocol/acr.ts";
import { type LiveSession, liveSession, sessionRefs } from "../sessions/live_session.ts";
import { orOwnPage, type OwnPage, readOwnPageId, recordIdOf } from "../interactions/own_page.ts";
import {
  continuesByChoice,
  type SignInNeed,
  signInNeed,
  type SignInRequirement,
  wantsAnother,
  wantsMoreThanOneFactor,
} from "../interactions/requirement.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { askedBy, type Requester } from "./asked_by.ts";

/** The content of the sign-in pages of a pending request. */
export interface PendingSignIn {
  readonly requester: Requester;
  readonly uiLocales: string | undefined;
  /** The name to fill in; undefined: none, or that of a user who has asked for another account. */
  readonly loginHint: string | undefined;
  readonly live: LiveSession | null;
  /** Whether the user chooses an account, and may continue as the signed-in user. */
  readonly choosing: boolean;
  /** Whether the signed-in user has asked for another account. */
  readonly wantsAnother: boolean;
  /** Whether more than one factor is required. */
  readonly strong: boolean;
  readonly step: SignInStep;
}

/** The next action of the user. */
export type SignInStep =
  /** Nothing: the signed-in user, perhaps signed in by another tab since, is enough for the request. */
  | { readonly kind: "none" }
  /** Sign in. */
  | { readonly kind: "sign_in" }
  /** Show the second factor: this user has shown the first factor, or is signed in. */
  | {
    readonly kind: "second_factor";
    readonly user: Present<User>;
    /** Null: the user is signed in and adds a factor. */
    readonly firstFactor: FirstFactor | null;
  }
  /** Use a passkey, because nothing weaker is enough. */
  | {
    readonly kind: "passkey";
    readonly user: Present<User>;
    /** Whether a recovery code at /login/second-factor is enough instead. */
    readonly orRecoveryCode: boolean;
  };

/** Seconds for which the first factor is remembered. */
const firstFactorLifetime = 600;

/**
 * Reads a pending request for its sign-in pages.
 *
 * @throws {OAuthError} if it is another browser's, or no longer pending
 */
export async function readPendingSignIn(
  deps: Deps,
  request: PendingRequest,
): Promise<PendingSignIn> {
  const { interactionId, browserDigest } = request;
  const ownPage = await readOwnPageId(deps, interactionId, browserDigest);
  return await deps.kv.step(systemOrigin, (tx) => pendingSignIn(deps, tx, request, ownPage));
}

/** A pending request, and the browser that asks for it. */
export interface PendingRequest {
  readonly interactionId: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
}

/**
 * Reads the same inside a step that continues: at most six records.
 *
 * @param ownPage the request in the id of a page's interaction, if it may not be stored yet
 * @throws {OAuthError} as `readPendingSignIn` does
 */
export async function pendingSignIn(
  deps: Deps,
  tx: Transaction,
  { interactionId, browserDigest, session: cookie }: PendingRequest,
  ownPage: OwnPage | null = null,
): Promise<PendingSignIn> {
  const first = await providers.read(tx, {
    interaction: interactions.ref(recordIdOf(interactionId)),
    ...sessionRefs(cookie),
  });
  const { provider } = first;
  const stored = orOwnPage(deps, first.interaction, ownPage, {
    browserDigest,
    provider,
    now: tx.now,
  });
  const interaction = assertOwnInteraction(stored, { browserDigest, provider });
  if (!isFresh(interaction)) throw new RequestWentOn(interactions.idOf(interaction));
  const { request: waiting, firstFactor } = interaction.value;
  const clientId = interactions.clientIdOf(interaction.value);
  const second = await tx.read({
    client: clientId === null ? null : clients.ref(clientId),
    user: firstFactor && users.ref(firstFactor.userId),
  });
  const { requester, requirement, request } = await askedBy(
    deps,
    waiting,
    second.client?.value ?? null,
  );
  const live = liveSession(cookie, { ...first, provider });
  const situation = { now: tx.now, live, interaction: interaction.value };
  const need = needOf(requirement, situation);
  // A user who was asked to create an account comes here to sign in to an existing one.
  const suffices = need === null && !(request?.prompt.includes("create") ?? false);
  const another = live !== null && wantsAnother(live, interaction.value);
  const userAfterFirstFactor = second.user && isPresent(second.user) ? second.user : null;
  return {
    requester,
    uiLocales: request?.ui_locales,
    loginHint: another && isNamed(live, request?.login_hint) ? undefined : request?.login_hint,
    live,
    // A button that only led back to this page would be a trap.
    choosing: (requirement.chosen || another) && continuesByChoice(requirement, situation),
    wantsAnother: another,
    strong: wantsMoreThanOneFactor(requirement),
    step: userAfterFirstFactor !== null &&
        hasPassedFirstFactor(firstFactor, userAfterFirstFactor, tx.now) &&
        !(suffices && users.idOf(userAfterFirstFactor) === live?.userId)
      ? { kind: "second_factor", user: userAfterFirstFactor, firstFactor }
      : suffices
      ? { kind: "none" }
      : stepOf(need, live),
  };
}

/** Whether this is a sign-in identifier of the signed-in user. */
function isNamed({ user }: LiveSession, typed = ""): boolean {
  const { username, claims } = user.value;
  return isSameName(username, typed) || isSameAddress(users.verifiedEmail(claims) ?? "", typed);
}

/**
 * Whether the first factor still counts: it is recent, nothing has ended it, and a second factor still
 * exists.
 */
function hasPassedFirstFactor(
  firstFactor: FirstFactor | null,
  user: Present<User> | null,
  now: number,
): boolean {
  return firstFactor !== null && user !== null && user.value.status === "active" &&
    user.value.totp !== null && user.value.epoch === firstFactor.epoch &&
    now - firstFactor.at < firstFactorLifetime;
}

/**
 * If the signed-in user can never meet this request (another tab may have signed in another user), the
 * page shows the account chooser. The client gets the error when the request is resumed.
 */
function needOf(
  requirement: SignInRequirement,
  situation: Parameters<typeof signInNeed>[1],
): SignInNeed | null {
  try {
    return signInNeed(requirement, situation);
  } catch (error) {
    if (error instanceof OAuthError) return { kind: "sign_in", error };
    throw error;
  }
}

function stepOf(need: SignInNeed | null, live: LiveSession | null): SignInStep {
  if (need?.kind !== "step_up" || live === null) return { kind: "sign_in" };
  const { user } = live;
  const byCode = need.to !== phishingResistant;
  if (byCode && user.value.totp !== null) {
    return { kind: "second_factor", user, firstFactor: null };
  }
  const codesLeft = user.value.recoveryCodes?.digests.length ?? 0;
  return { kind: "passkey", user, orRecoveryCode: byCode && codesLeft > 0 };
}
