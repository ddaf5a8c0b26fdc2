import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import * as clients from "../../../stores/clients.ts";
import { isPresent, type Present } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import { emailRef } from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { codeFrom, openChallenge, ownChallenge } from "../challenges.ts";
import { currentAddress, handleOf, isUnderWay, type Repeated } from "./factor.ts";
import { spendMailChallenge } from "./factor.ts";
import { attemptRefs, openAttempt } from "../sign_in_attempt.ts";
import type { SignInAttempt, SignInOutcome } from "../sign_in_attempt.ts";

const type = "magic_link";

/** What the page of a link may show. */
export interface MagicLink {
  readonly interactionId: string;
  readonly username: string;
  /** Null: a page of our own asks. */
  readonly clientName: string | null;
  /** Whether this is the browser that asked for it, and so the one that it signs in. */
  readonly here: boolean;
  /** Whether it was spent, for the code that another browser showed. */
  readonly isCode: boolean;
}

/** What a link is for; null if it is good for nothing. Nothing is spent by looking. */
export async function readMagicLink(
  deps: Deps,
  { token, browserDigest }: { readonly token: string; readonly browserDigest: string },
): Promise<MagicLink | null> {
  return await deps.kv.step(systemOrigin, async (tx) => {
    const link = await readLink(tx, token);
    if (link === null) return null;
    const { challenge, user, interactionId, isCode } = link;
    const { interaction } = await tx.read({ interaction: interactions.ref(interactionId) });
    const clientId = interaction.value && interactions.clientIdOf(interaction.value);
    const { client } = await tx.read({ client: clientId === null ? null : clients.ref(clientId) });
    const here = constantTimeEqual(challenge.value.browserDigest ?? "", browserDigest);
    const repeats = here && interaction.value !== null && isUnderWay(interaction.value);
    if (challenges.asFresh(challenge) === null && !isCode && !repeats) return null;
    const { username } = user.value;
    return { interactionId, username, clientName: client?.value?.clientName ?? null, here, isCode };
  });
}

/**
 * Signs in by a link, in the browser that asked for it. One commit spends it, marks the address as
 * proved, and makes the session.
 *
 * @returns null if the link is unknown, expired, spent, another browser's, or was meant for another
 *   state of the account; it is as it was
 * @throws {OAuthError} if the interaction is done with, or too old
 */
export async function signInWithMagicLink(
  deps: Deps,
  request: SignInAttempt & { readonly token: string },
): Promise<SignInOutcome | Repeated | null> {
  const { token, interactionId, browserDigest } = request;
  return await deps.kv.step(request.origin, async (tx) => {
    const { challenge, ...first } = await providers.read(tx, {
      ...attemptRefs(request),
      challenge: await challenges.ref(type, token),
    });
    const attempt = openAttempt(request, first);
    const userId = challenge.value?.userId ?? null;
    const handle = handleOf(token) ?? "";
    const isCode = challenge.value?.spentBy === spentForCode(handle);
    const { user, earlierSession, emailOwner, code } = await tx.read({
      code: isCode ? await challenges.ref("email_code", handle) : null,
      user: userId === null ? null : users.ref(userId),
      earlierSession: attempt.earlierRef,
      emailOwner: emailRef(challenge.value?.address ?? ""),
    });
    const address = currentAddress(user);
    if (user === null || !isPresent(user) || address === null) return null;
    const { provider } = attempt;
    const presented = { provider, user, address, interactionId, browserDigest };
    // A program that checks mails may have turned the link into a code. In its own browser the link still
    // signs in for as long as that code is good, and uses it up.
    const open = openChallenge(type, challenge, presented) ??
      (code && openChallenge("email_code", code, presented));
    if (open !== null) {
      const found = { challenge: open, user, earlierSession, emailOwner };
      return await spendMailChallenge(deps, tx, attempt, found);
    }
    const own = ownChallenge(type, challenge, presented);
    return own !== null && isUnderWay(attempt.interaction.value) ? { kind: "repeated" } : null;
  });
}

/**
 * Turns a link into a code to type where it was asked for. That spends the link; asked again, it shows
 * the same code for as long as that is good.
 *
 * @returns null if the link is good for nothing
 */
export async function turnIntoCode(
  deps: Deps,
  { origin, token }: { readonly origin: Origin; readonly token: string },
): Promise<string | null> {
  const handle = handleOf(token);
  if (handle === null) return null;
  const { code, codeMac } = await codeFrom(deps, token, handle);
  const codeRef = await challenges.ref("email_code", handle);
  return await deps.kv.step(origin, async (tx) => {
    const link = await readLink(tx, token);
    if (link === null) return null;
    const fresh = challenges.asFresh(link.challenge);
    if (fresh === null) {
      const { earlier } = await tx.read({ earlier: codeRef });
      const usable = isPresent(earlier) && challenges.asFresh(earlier) !== null;
      return link.isCode && usable && (earlier.value.triesLeft ?? 0) > 0 ? code : null;
    }
    const { userId, address, epoch, browserDigest, interactionId, providerEpoch } = fresh.value;
    challenges.consume(tx, fresh, spentForCode(handle));
    challenges.add(tx, "email_code", codeRef, {
      userId,
      address,
      epoch,
      browserDigest,
      interactionId,
      providerEpoch,
      codeMac,
    });
    // Whoever has the mail may do so: nobody is signed in by it.
    auditEvents.append(tx, {
      type: "magic_link_turned_into_code",
      actor: "anonymous",
      person: link.user,
    });
    return code;
  });
}

function spentForCode(handle: string): string {
  return `code:${handle}`;
}

interface Link {
  /** Spent or not. */
  readonly challenge: Present<Challenge>;
  readonly user: Present<User>;
  readonly interactionId: string;
  readonly isCode: boolean;
}

/** A link whose person and address are what they were, in whichever browser. */
async function readLink(tx: Transaction, token: string): Promise<Link | null> {
  const handle = handleOf(token);
  if (handle === null) return null;
  const first = await providers.read(tx, {
    challenge: await challenges.ref(type, token),
  });
  const { userId, browserDigest, interactionId, spentBy } = first.challenge.value ?? {};
  const { user } = await tx.read({ user: users.ref(userId ?? randomId(tx.random)) });
  const address = currentAddress(user);
  if (!isPresent(user) || address === null || !browserDigest || !interactionId) return null;
  const { provider } = first;
  const presented = { provider, user, address, browserDigest, interactionId };
  const challenge = ownChallenge(type, first.challenge, presented);
  const isCode = spentBy === spentForCode(handle);
  return challenge && { challenge, user, interactionId, isCode };
}
