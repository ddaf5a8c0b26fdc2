import * as auditEvents from "../../stores/audit_events.ts";
import { isFresh, isPresent, type Present } from "../../stores/collection.ts";
import * as interactions from "../../stores/interactions.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Origin, Transaction } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import { alreadyAnswered, assertOwnInteraction } from "../authorize/interaction.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { Deps } from "../deps.ts";
import { assertProvider } from "../oidc/provider_record.ts";
import { singleFactor } from "./acr.ts";
import type { SessionCookie } from "./session_cookie.ts";
import { endSession, signIn } from "./sign_in.ts";

export interface PasswordSignInRequest {
  readonly origin: Origin;
  readonly interactionId: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
  readonly username: string;
  readonly password: string;
  readonly userAgent: string | null;
}

/** The session cookie's new value; null: the name and the password do not belong together. */
export type PasswordSignInAnswer = { readonly cookie: string | null };

/**
 * Signs a person in with a password, for a pending authorization request. An unknown name and a wrong
 * password are alike in answer and in time.
 *
 * @throws {OAuthError} if the interaction is not this browser's, or done with by somebody else
 */
export async function signInWithPassword(
  deps: Deps,
  request: PasswordSignInRequest,
): Promise<PasswordSignInAnswer> {
  const isPassword = verifyOnce(deps, request.password);
  return await deps.kv.step(request.origin, async (tx) => {
    const { session: cookie } = request;
    const first = await tx.read({
      interaction: interactions.ref(request.interactionId),
      provider: providers.ref(),
      name: users.usernameRef(request.username),
      browserSession: cookie && sessions.ref(cookie.sessionId),
    });
    const provider = assertProvider(first.provider);
    const { browserDigest } = request;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    const { sessionId: earlier } = interaction.value;
    const { user, earlierSession } = await tx.read({
      // Also where there is nobody of that name, since a round trip can be timed.
      user: users.ref(first.name.value?.userId ?? "nobody"),
      earlierSession: earlier === null ? null : sessions.ref(earlier),
    });
    const matches = await isPassword(user.value?.passwordHash ?? null);
    if (user.value === null || !matches || user.value.status !== "active") {
      return refuse(tx, interaction.value.clientId, isPresent(user) ? user : null);
    }

    const own = cookie && first.browserSession?.value &&
        constantTimeEqual(first.browserSession.value.secretDigest, cookie.secretDigest)
      ? first.browserSession
      : null;
    const userId = users.idOf(user);
    // A double click signs in twice: the second time, the session of the first is the one to renew.
    const before = [own, earlierSession].find((one) => one?.value?.userId === userId) ?? null;
    if (!isFresh(interaction) && before === null) throw alreadyAnswered();
    if (own && own.value !== null && own.value.userId !== userId) {
      endSession(tx, own, "another_person", { actor: `person:${userId}` });
    }
    const { sessionId, cookie: value } = await signIn(deps, tx, {
      user,
      provider,
      amr: ["pwd"],
      acr: singleFactor,
      userAgent: request.userAgent,
      before,
    });
    if (isFresh(interaction)) interactions.goOnAs(tx, interaction, sessionId, true);
    return { cookie: value };
  });
}

/** Goes on as who is signed in already, which is a choice and no proof. */
export async function continueAsSignedIn(
  deps: Deps,
  request: Pick<PasswordSignInRequest, "origin" | "interactionId" | "browserDigest" | "session">,
): Promise<void> {
  await deps.kv.step(request.origin, async (tx) => {
    const first = await tx.read({
      interaction: interactions.ref(request.interactionId),
      provider: providers.ref(),
    });
    const provider = assertProvider(first.provider);
    const { browserDigest } = request;
    const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
    if (!isFresh(interaction) || interaction.value.sessionId !== null) return;
    // Whether that session lives is looked at where the request is resumed.
    if (request.session) interactions.goOnAs(tx, interaction, request.session.sessionId, false);
  });
}

function refuse(
  tx: Transaction,
  clientId: string,
  person: Present<users.User> | null,
): PasswordSignInAnswer {
  // Nobody was who they said they are, so the person is the event's subject and not its actor.
  auditEvents.append(tx, {
    type: "sign_in_failed",
    outcome: "failure",
    actor: "anonymous",
    clientId,
    person,
  });
  return { cookie: null };
}

/** Checks the password against a hash once, however often the step runs. Null takes as long. */
function verifyOnce(deps: Deps, password: string): (hash: string | null) => Promise<boolean> {
  const verified = new Map<string | null, Promise<boolean>>();
  return (hash) => {
    const known = verified.get(hash) ??
      (hash === null
        ? deps.passwordHasher.verifyDecoy(password)
        : deps.passwordHasher.verify(password, hash));
    verified.set(hash, known);
    return known;
  };
}
