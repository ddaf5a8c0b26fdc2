import type { Origin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import {
  AnswerTooLarge,
  NotConnected,
  type OutgoingAnswer,
  type OutgoingRequest,
} from "../deps/transport.ts";
import {
  outgoingAddressKey,
  outgoingClientKey,
  outgoingHostKey,
  outgoingLogoutKey,
} from "../limits/outgoing.ts";
import { isLoopbackName } from "../identifiers/web_url.ts";
import type { LimitDeps } from "../limits/reservation.ts";
import { reserve } from "../limits/reserve.ts";
import { assertPassed } from "../limits/too_many_requests.ts";
import { checkedAddress, isWithin } from "./address.ts";
import { OutgoingRefused } from "./refused.ts";
import { outgoingUrl } from "./url.ts";

export interface Outgoing {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The largest answer, in bytes. */
  readonly mostBytes: number;
  /** The request that caused it: its address has a budget too. */
  readonly origin: Origin;
  /**
   * The known client to whose host it goes. It then counts under that client and not under the host:
   * otherwise strangers could use up the host's limit, and the client's keys would not be fetched.
   * Default: none.
   */
  readonly knownClient?: string | null;
  /** Whether it tells the known client of a logout: these have a limit of their own. Default: no. */
  readonly isLogout?: boolean;
  /**
   * Whether an operator registered the client whose URL it is. Only then may it lead to one of
   * LATCHKEY_OUTGOING_PRIVATE_NETWORKS: a stranger's URL could make the server ask any machine there.
   * Default: no.
   */
  readonly isOperators?: boolean;
}

export type OutgoingDeps = LimitDeps & Pick<Deps, "config" | "transport">;

/** Milliseconds for all of it: name, connection, headers and body. */
const deadline = 5000;
const mostAddresses = 3;

/**
 * Sends a request to a server that somebody else chose: the only way out for such requests. The host's
 * addresses are resolved once and checked, and the connection goes to a checked address. It must not be
 * called within a step: a step may run twice, and holds others up.
 *
 * @returns the answer, whatever its status, except redirects
 * @throws {OutgoingRefused}
 * @throws {OAuthError} 429 if too many requests leave for the host, or because of the origin's address.
 *   This says nothing about the host: the caller must not store it as a failed fetch.
 */
export async function sendOutgoing(
  deps: OutgoingDeps,
  outgoing: Outgoing,
): Promise<OutgoingAnswer> {
  const url = outgoingUrl(deps.config, outgoing.url);
  await assertBudget(deps, url, outgoing);
  const ending = new AbortController();
  const done = new AbortController();
  void deps.timers.sleep(deadline, done.signal).then(() => ending.abort());
  try {
    return await exchange(deps, url, outgoing, ending.signal);
  } finally {
    done.abort();
  }
}

/**
 * Firewalls refuse requests that do not say what sent them. Without the other header a server may compress
 * its answer (RFC 9110 section 12.5.3), which is not undone here: it would grow past its largest size.
 */
const ownHeaders = { "accept-encoding": "identity", "user-agent": "Latchkey" };

async function exchange(
  deps: OutgoingDeps,
  url: URL,
  { method = "GET", headers = {}, body = null, mostBytes, isOperators = false }:
    & Omit<Outgoing, "body">
    & {
      readonly body?: string | null;
    },
  signal: AbortSignal,
): Promise<OutgoingAnswer> {
  const privateNetworks = isOperators ? deps.config.outgoing.privateNetworks : [];
  const addresses = await checkedAddresses(deps, url, { signal, privateNetworks });
  const request = { method, url, headers: { ...ownHeaders, ...headers }, body, mostBytes, signal };
  const answer = await firstAnswer(deps, request, addresses);
  if (answer.status >= 300 && answer.status < 400) {
    // Its target would be another URL, which somebody else chose.
    throw new OutgoingRefused("redirect", `${url.host} answered ${answer.status}, a redirect`);
  }
  return answer;
}

/** If one address of a host is not public, the host is refused: who lists both wants the private one. */
async function checkedAddresses(
  { config, transport }: OutgoingDeps,
  url: URL,
  { signal, privateNetworks }: {
    readonly signal: AbortSignal;
    readonly privateNetworks: readonly string[];
  },
): Promise<string[]> {
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const literal = checkedAddress(name);
  const found = literal === null
    ? await beforeEnd(signal, url, transport.resolve(name))
    : [literal.address];
  const checked = found.map(checkedAddress);
  const isLocal = config.environment === "development" && isLoopbackName(url);
  for (const one of checked) {
    const isAllowed = one !== null && (
      isLocal ? one.kind === "loopback" : one.kind === "public" ||
        isWithin(one.address, privateNetworks)
    );
    if (!isAllowed) {
      throw new OutgoingRefused("address", `${url.host} is at an address that is not public`);
    }
  }
  // IPv4 first: a server without a route for IPv6 is more common than the opposite.
  const addresses = checked.flatMap((one) => one === null ? [] : [one.address])
    .toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  if (addresses.length > 0) return addresses.slice(0, mostAddresses);
  throw new OutgoingRefused("unreachable", `${url.host} has no address`);
}

async function firstAnswer(
  { transport }: OutgoingDeps,
  request: Omit<OutgoingRequest, "address">,
  addresses: readonly string[],
): Promise<OutgoingAnswer> {
  const { url, signal } = request;
  for (const address of addresses.slice(0, -1)) {
    try {
      return await beforeEnd(signal, url, transport.send({ ...request, address }));
    } catch (error) {
      const cause = error instanceof OutgoingRefused ? error.cause : error;
      if (!(cause instanceof NotConnected)) throw error;
    }
  }
  const address = addresses.at(-1) ?? "";
  return await beforeEnd(signal, url, transport.send({ ...request, address }));
}

/** Names what went wrong, and waits no longer than the deadline: a lookup cannot be aborted. */
async function beforeEnd<T>(signal: AbortSignal, { host }: URL, work: Promise<T>): Promise<T> {
  const slow = Promise.withResolvers<never>();
  const end = () => slow.reject(new OutgoingRefused("slow", `${host} did not answer in time`));
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    return await Promise.race([work, slow.promise]);
  } catch (cause) {
    if (cause instanceof OutgoingRefused) throw cause;
    if (signal.aborted) throw new OutgoingRefused("slow", `${host} did not answer in time`);
    if (cause instanceof AnswerTooLarge) {
      throw new OutgoingRefused("large", `the answer of ${host} is too large`);
    }
    throw new OutgoingRefused("unreachable", `${host} cannot be reached`, { cause });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** @throws {OAuthError} 429 */
async function assertBudget(
  deps: OutgoingDeps,
  url: URL,
  { origin: { address }, knownClient = null, isLogout = false }: Outgoing,
) {
  const clientKey = isLogout ? outgoingLogoutKey : outgoingClientKey;
  assertPassed(
    await reserve(deps, [
      knownClient === null
        ? await outgoingHostKey(deps, url.hostname)
        : await clientKey(deps, knownClient),
      ...(address === null ? [] : [await outgoingAddressKey(deps, address)]),
    ]),
  );
}
