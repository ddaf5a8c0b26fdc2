import {
  type Entry,
  isFresh,
  isPresent,
  type Present,
  type Ref,
} from "../../stores/engine/collection.ts";
import * as auditBudgets from "../../stores/audit_budgets.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { assertOwnInteraction, RequestWentOn } from "../interactions/own_interaction.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { Deps } from "../deps/deps.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { noteClient, noteRefusal, noteUser } from "../protocol/refusals.ts";
import { type Acr, singleFactor } from "../protocol/acr.ts";
import type { Amr } from "../protocol/amr.ts";
import type { Device } from "../sessions/device.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";
import { type BrowserCookies, endSession, signIn } from "../sessions/sign_in.ts";

/** A sign-in attempt in one browser, for one pending request. */
export interface SignInAttempt {
  readonly origin: Origin;
  readonly interactionId: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
  /** The accounts that this browser has signed in before. */
  readonly devices: readonly Device[];
  readonly userAgent: string | null;
}

/** The records that every sign-in method reads first, by `providers.read`, beside its own. */
export function attemptRefs({ interactionId, session }: SignInAttempt) {
  return {
    interaction: interactions.ref(interactionId),
    browserSession: session && sessions.ref(session.sessionId),
  };
}

/** An attempt in the browser of its interaction. Only `openAttempt` makes one. */
export interface OpenAttempt {
  readonly request: SignInAttempt;
  readonly interaction: Present<Interaction>;
  readonly provider: Provider;
  /** The session of this browser, of any user. */
  readonly browserSession: Present<Session> | null;
  /**
   * The session that an earlier sign-in in this interaction created. It must be read together with the
   * user.
   */
  readonly earlierRef: Ref<Session> | null;
}

/** @throws {OAuthError} `invalid_request` if the interaction is not this browser's */
export function openAttempt(
  request: SignInAttempt,
  first: {
    readonly interaction: Entry<Interaction>;
    readonly provider: Provider;
    readonly browserSession: Entry<Session> | null;
  },
): OpenAttempt {
  const { browserDigest, session: cookie } = request;
  noteRefusal(null); // of an earlier run of the step
  const { provider } = first;
  const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
  const sessionId = interactions.sessionIdOf(interaction.value);
  const named = first.browserSession;
  const browserSession = cookie && named && isPresent(named) &&
      constantTimeEqual(named.value.secretDigest, cookie.secretDigest)
    ? named
    : null;
  const earlierRef = sessionId === null ? null : sessions.ref(sessionId);
  return { request, interaction, provider, browserSession, earlierRef };
}

/** The factors that a user has just shown. */
export interface Factor {
  /** @see RFC 8176 section 2 */
  readonly amr: readonly Amr[];
  readonly acr: Acr;
}

/**
 * Adds the audit event of a refused sign-in. The user is its subject and not its actor, because nobody
 * has proved to be the user. Made-up names leave only a few events an hour. For an existing user there
 * are only as many as guesses at the account.
 *
 * @param refused the reason for the log, which the answer does not contain
 */
export async function noteFailedSignIn(
  tx: Transaction,
  { interaction }: Pick<OpenAttempt, "interaction">,
  { reason, refused, user }: {
    readonly reason: string;
    readonly refused: RefusalReason;
    readonly user: Entry<User>;
  },
) {
  const clientId = interactions.clientIdOf(interaction.value);
  noteRefusal(refused);
  if (clientId !== null) noteClient(clientId);
  if (isPresent(user)) noteUser(users.idOf(user));
  // Read for every name, and counted with the answer, so that nothing reveals which names exist.
  const budget = await auditBudgets.ofNobody(tx.origin.requestId);
  const { ofNobody } = await tx.peek({ ofNobody: budget }, "only_shown");
  if (!isPresent(user) && auditBudgets.isSpent(ofNobody, auditBudgets.mostOfNobody)) {
    return auditBudgets.addDecoy(tx);
  }
  auditEvents.append(tx, {
    type: "sign_in_failed",
    outcome: "failure",
    reason,
    actor: "anonymous",
    about: refused,
    clientId,
    user: isPresent(user) ? user : null,
  });
}

export type SignInOutcome =
  | { readonly kind: "signed_in"; readonly cookies: BrowserCookies }
  /** The first factor was right. The second one is asked for on its own page. */
  | { readonly kind: "second_factor" };

/**
 * Accepts the factors that a user has shown: signs them in, or remembers the first of their two
 * factors. The same commit spends the credentials.
 *
 * @throws {OAuthError} `invalid_request` if another user has finished the interaction
 */
export async function acceptFactor(
  deps: Deps,
  tx: Transaction,
  attempt: OpenAttempt,
  { user, earlierSession, factor, authTime }: {
    readonly user: Present<User>;
    readonly earlierSession: Entry<Session> | null;
    readonly factor: Factor;
    /** If it adds to an existing sign-in: the time of that. */
    readonly authTime?: number;
  },
): Promise<SignInOutcome> {
  const { interaction, provider, browserSession } = attempt;
  const userId = users.idOf(user);
  const clientId = interactions.clientIdOf(interaction.value);
  if (factor.acr === singleFactor && user.value.totp !== null) {
    if (!isFresh(interaction)) throw new RequestWentOn(interactions.idOf(interaction));
    const { epoch } = user.value;
    const firstFactor = { userId, epoch, amr: [...factor.amr], at: tx.now };
    interactions.keepFirstFactor(tx, interaction, firstFactor);
    const reason = factor.amr.join(" ");
    auditEvents.append(tx, { type: "first_factor_passed", clientId, user, reason });
    return { kind: "second_factor" };
  }
  // A double click signs in twice. The second time, the session of the first is renewed.
  const previousSession = [browserSession, earlierSession]
    .find((one) => one?.value?.userId === userId) ?? null;
  if (!isFresh(interaction) && previousSession === null) {
    throw new RequestWentOn(interactions.idOf(interaction));
  }
  if (browserSession !== null && browserSession.value.userId !== userId) {
    endSession(tx, browserSession, "another_person", { actor: `person:${userId}` });
  }
  const { sessionId, cookies } = await signIn(deps, tx, {
    user,
    provider,
    ...factor,
    ...(authTime === undefined ? {} : { authTime }),
    userAgent: attempt.request.userAgent,
    previousSession,
  });
  if (isFresh(interaction)) {
    // A factor that adds to a sign-in is not a new authentication, and the proof of another user in
    // this request does not count for this one.
    const { user: userBefore } = interaction.value;
    const isProved = authTime === undefined ||
      (userBefore.kind === "authenticated" && userBefore.sessionId === sessionId);
    interactions.setUser(tx, interaction, {
      kind: isProved ? "authenticated" : "chosen",
      sessionId,
    });
  }
  return { kind: "signed_in", cookies };
}
