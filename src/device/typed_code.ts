import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import * as interactions from "../../stores/interactions.ts";
import { isWaiting } from "../../stores/polled.ts";
import * as providers from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import * as users from "../../stores/users.ts";
import { guess, type TooManyAttempts } from "../authn/guess.ts";
import type { Deps } from "../deps/deps.ts";
import type { CarriedRequest } from "../interactions/carried.ts";
import { type CodeTyper, userCodeKeys } from "../limits/user_code.ts";
import { liveSession } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";

export interface TypedCode {
  readonly origin: Origin;
  /** From `parseCode`. */
  readonly userCode: string;
  /** The digest of the browser's secret. */
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
}

type Opened =
  | { readonly kind: "opened"; readonly carried: CarriedRequest }
  /** There is no such code, or it has expired, or was answered. */
  | { readonly kind: "refused" };

/**
 * Begins the interaction in which a user answers a device, for a user code that was typed. Nobody need be
 * signed in for it: the interaction sees to that next. Wrong codes are counted before anything is looked up.
 *
 * @throws {StoreUnavailable}
 * @see RFC 8628 sections 3.3 and 5.1
 */
export async function openTypedCode(
  deps: Deps,
  request: TypedCode,
): Promise<Opened | TooManyAttempts> {
  const { address } = request.origin;
  const keys = await userCodeKeys(deps, { address, typer: await typerOf(deps, request) });
  const { outcome } = await guess<Opened>(deps, keys, {
    toldLimit: "",
    verify: () => open(deps, request),
    isWrong: ({ kind }) => kind === "refused",
  });
  return outcome;
}

/** A cookie is no user yet: anybody can make up the ids in it. */
async function typerOf(
  { kv }: Pick<Deps, "kv">,
  { origin, browserDigest, session: cookie }: TypedCode,
): Promise<CodeTyper> {
  if (cookie === null) return { kind: "browser", browserDigest };
  return await kv.step(origin, async (tx) => {
    const { provider, session, user } = await providers.read(tx, {
      session: sessions.ref(cookie.sessionId),
      user: users.ref(cookie.userId),
    });
    const live = liveSession(cookie, { session, user, provider });
    return live === null
      ? { kind: "browser", browserDigest }
      : { kind: "user", userId: live.userId };
  });
}

async function open(
  deps: Deps,
  { origin, userCode, browserDigest }: TypedCode,
): Promise<Opened> {
  return await deps.kv.step(origin, async (tx): Promise<Opened> => {
    const { code, provider } = await providers.read(tx, {
      code: deviceAuthorizations.userCodeRef(userCode),
    });
    const digest = code.value?.deviceCodeDigest;
    if (digest === undefined) return { kind: "refused" };
    const { device } = await tx.read({ device: deviceAuthorizations.refOf(digest) });
    if (!isWaiting(device, provider, tx.now)) return { kind: "refused" };
    const { clientId, parameters } = device.value;
    const interactionId = tx.ids.id();
    const waiting = {
      request: { kind: "device", clientId, parameters, deviceCodeDigest: digest, userCode },
      browserDigest,
      providerEpoch: provider.epoch,
      expiresAt: tx.now + deps.config.lifetimes.interaction,
    } satisfies interactions.Pending;
    interactions.add(tx, interactionId, waiting);
    const { request, providerEpoch } = waiting;
    const carried = { interactionId, request, browserDigest, providerEpoch, createdAt: tx.now };
    return { kind: "opened", carried };
  });
}
