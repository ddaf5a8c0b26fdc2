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
import { asFresh } from "../../../stores/redeemable.ts";
import { constantTimeEqual } from "../../crypto/constant_time.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps/deps.ts";
import { codeFrom, openChallenge, ownChallenge } from "../challenges.ts";
import { idInToken } from "../link_token.ts";
import { currentAddress, isUnderWay, type Repeated, spendMailChallenge } from "./factor.ts";
import {
  attemptRefs,
  openAttempt,
  type SignInAttempt,
  type SignInOutcome,
} from "../sign_in_attempt.ts";

const type = "magic_link";

/** The content of a link's page. */
export interface MagicLink {
  readonly interactionId: string;
  readonly username: string;
  /** Null: a page of this server asks. */
  readonly clientName: string | null;
  /** The languages that the client asks for. */
  readonly uiLocales: string | undefined;
  /** Whether this browser requested the link, so that the link can sign in here. */
  readonly here: boolean;
  /** Whether it was spent by another browser that shows its code. */
  readonly isCode: boolean;
}

/** Reads what a link is for; null if it is not valid. Nothing is spent. */
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
    if (asFresh(challenge) === null && !isCode && !repeats) return null;
    const { username } = user.value;
    const uiLocales = interaction.value ? interactions.uiLocalesOf(interaction.value) : undefined;
    const clientName = client?.value?.clientName ?? null;
    return { interactionId, username, clientName, uiLocales, here, isCode };
  });
}

/**
 * Signs in by a link, in the browser that requested it. One commit spends the link, marks the address
 * as verified, and creates the session.
 *
 * @returns null if the link is unknown, expired, spent, another browser's, or was for another state
 *   of the account; it is not changed then
 * @throws {OAuthError} if the interaction is finished, or too old
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
    const handle = idInToken(token) ?? "";
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
    // A mail scanner may have turned the link into a code. In its own browser the link still signs in
    // as long as that code is valid, and spends it.
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
 * Turns a link into a code, to be typed in the browser that requested it. This spends the link. A
 * repeated request shows the same code as long as it is valid.
 *
 * @returns null if the link is not valid
 */
export async function turnIntoCode(
  deps: Deps,
  { origin, token }: { readonly origin: Origin; readonly token: string },
): Promise<string | null> {
  const handle = idInToken(token);
  if (handle === null) return null;
  const { code, codeMac } = await codeFrom(deps, token, handle);
  const codeRef = await challenges.ref("email_code", handle);
  return await deps.kv.step(origin, async (tx) => {
    const link = await readLink(tx, token);
    if (link === null) return null;
    const fresh = asFresh(link.challenge);
    if (fresh === null) {
      const { earlier } = await tx.read({ earlier: codeRef });
      const usable = isPresent(earlier) && asFresh(earlier) !== null;
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
    // Everybody who has the mail may do this, because it signs in nobody.
    auditEvents.append(tx, {
      type: "magic_link_turned_into_code",
      actor: "anonymous",
      user: link.user,
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

/** A link whose user and address have not changed, in any browser. */
async function readLink(tx: Transaction, token: string): Promise<Link | null> {
  const handle = idInToken(token);
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
