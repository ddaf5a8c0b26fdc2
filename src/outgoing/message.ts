import type { Client } from "../../stores/clients.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { registeredBy } from "../clients/registered_by.ts";
import type { Deps } from "../deps/deps.ts";
import { isRateLimited } from "../limits/too_many_requests.ts";
import { OutgoingRefused } from "./refused.ts";
import { noteAnswer, type Recipient, rest } from "./resting.ts";
import { sendOutgoing } from "./send.ts";

/** A message to a client, as HTTP. */
export interface Message {
  readonly kind: Recipient["kind"];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The statuses by which the client says that another attempt would be refused too. */
  readonly final: readonly number[];
}

/** What became of an attempt. The error is for operators, and says nothing that the client sent. */
export type Outcome =
  | { readonly kind: "told" }
  /** The client says that another attempt would be refused too. */
  | { readonly kind: "refused"; readonly error: string }
  | { readonly kind: "unanswered"; readonly error: string }
  /** Our own limits did not allow the request. */
  | { readonly kind: "held_back"; readonly error: string };

/** Seconds for which a client is not called after our own limits held a message back. */
export const afterLimit = 30;
/** Bytes: an answer has no content, but an application may send its usual page. */
const mostBytes = 64 * 1024;
const mostAttempts = 12;

/** Sends a message to a client, once. 200 and 204 accept it. It must not be called within a step. */
export async function sendMessage(
  deps: Deps,
  client: Client,
  { kind, url, headers, body, final }: Message,
): Promise<Outcome> {
  const { clientId } = client;
  const recipient = { kind, clientId };
  const isOperators = registeredBy(client) === "operator";
  try {
    const { status } = await sendOutgoing(deps, {
      url,
      method: "POST",
      headers: { ...headers, "cache-control": "no-store" },
      body,
      mostBytes,
      origin: systemOrigin,
      knownClient: isOperators ? clientId : null,
      isLogout: kind === "logout",
      isOperators,
    });
    // A server that answers 503 at once holds nobody up, but it wants fewer requests.
    noteAnswer(deps, recipient, status < 500);
    if (status === 200 || status === 204) return { kind: "told" };
    return { kind: final.includes(status) ? "refused" : "unanswered", error: `answered ${status}` };
  } catch (error) {
    if (isRateLimited(error)) {
      rest(deps, recipient, afterLimit);
      return { kind: "held_back", error: "too many requests to its host" };
    }
    if (!(error instanceof OutgoingRefused)) throw error;
    noteAnswer(deps, recipient, false);
    return { kind: "unanswered", error: error.message.slice(0, 256) };
  }
}

/** How long a message of one kind waits between attempts, in seconds: at first, and at most. */
export interface Pace {
  readonly first: number;
  readonly longest: number;
}

/**
 * The next attempt after one that did not reach the client. An attempt that our own limits held back does
 * not count.
 *
 * @param attempts with this one
 * @param giveUpAt epoch seconds
 * @returns null: the message is given up
 */
export function nextAttempt(
  tx: Transaction,
  { attempts, giveUpAt }: { readonly attempts: number; readonly giveUpAt: number },
  kind: Exclude<Outcome["kind"], "told">,
  pace: Pace,
): { readonly nextAttemptAt: number; readonly attempts: number } | null {
  const isHeldBack = kind === "held_back";
  const nextAttemptAt = tx.now + (isHeldBack ? afterLimit : backoff(attempts, pace, tx));
  if (kind === "refused" || nextAttemptAt >= giveUpAt) return null;
  if (isHeldBack) return { nextAttemptAt, attempts: attempts - 1 };
  return attempts >= mostAttempts ? null : { nextAttemptAt, attempts };
}

/** Seconds: twice as long each time, up to the longest, plus up to a quarter, so that retries spread. */
function backoff(attempts: number, { first, longest }: Pace, { random }: Transaction): number {
  const seconds = Math.min(first * 2 ** (attempts - 1), longest);
  return seconds + Math.floor((random.bytes(1)[0] ?? 0) / 1024 * seconds);
}
