import * as clients from "../../stores/clients.ts";
import type { Due } from "../../stores/client_outbox.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import type { LogoutMessage } from "../../stores/logout_outbox.ts";
import * as providers from "../../stores/provider.ts";
import { randomId } from "../crypto/random.ts";
import { clientStep } from "../callers/client_step.ts";
import type { Deps } from "../deps/deps.ts";
import { deliverDue, duePages, leaseLifetime, type Told } from "../outgoing/deliver_due.ts";
import { afterLimit, type Outcome } from "../outgoing/message.ts";
import { rest, restingUntil } from "../outgoing/resting.ts";
import { OAuthError } from "../protocol/errors.ts";
import { isReachable } from "./fan_out.ts";
import { signLogoutToken } from "./logout_token.ts";
import { giveUp, noteOutcome } from "./outcome.ts";
import { sendLogoutToken } from "./send.ts";

/**
 * Sends the messages that are due. Each client is told at least once, and several workers share the work.
 * @param ending once aborted, no other message is begun
 * @throws {StoreUnavailable}
 */
export async function deliverLogouts(deps: Deps, ending?: AbortSignal): Promise<Told> {
  return await deliverDue(deps, {
    pages: () => duePages(deps, logoutOutbox),
    deliver: (due) => deliver(deps, due),
  }, ending);
}

/**
 * Sends one message, if it is due and no other worker has it.
 * @returns null: another worker has it, or its client is not called at the moment
 */
export async function deliver(deps: Deps, due: Due): Promise<"told" | "failed" | null> {
  const by = randomId(deps.random);
  const taken = await clientStep(
    deps,
    { origin: systemOrigin },
    (tx) => take(deps, tx, due, by),
  ).catch((error) => holdBack(deps, due, by, error));
  if (taken === null) return null;
  if ("error" in taken) return "failed";
  const outcome: Outcome = await sendLogoutToken(deps, taken.client, taken.token);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { message } = await tx.read({ message: logoutOutbox.ref(due.messageId) });
    if (isPresent(message) && isPending(message.value)) noteOutcome(tx, message, by, outcome);
  });
  if (outcome.kind === "told") return "told";
  const { clientId } = due;
  deps.logger.warn(`the client "${clientId}" was not told of a logout: ${outcome.error}`, {
    clientId,
  });
  return "failed";
}

/**
 * Lets the message wait if the client's keys cannot be fetched now, because of our own limits.
 * @throws the error, if it is another one
 */
async function holdBack(deps: Deps, due: Due, by: string, error: unknown) {
  if (!(error instanceof OAuthError) || error.code !== "temporarily_unavailable") throw error;
  rest(deps, { kind: "logout", clientId: due.clientId }, afterLimit);
  // The client is resting now: this postpones the message, or gives it up.
  return await deps.kv.step(systemOrigin, (tx) => take(deps, tx, due, by));
}

/** Takes a message, in one commit: only one of several workers gets it. */
async function take(
  deps: Deps,
  tx: Transaction,
  { messageId, time, clientId }: Due,
  by: string,
) {
  const { message, entry, client, provider } = await providers.read(tx, {
    message: logoutOutbox.ref(messageId),
    entry: logoutOutbox.dueRef(messageId, time),
    client: clients.ref(clientId),
  });
  // Another worker has taken it, and its lease is the new time.
  if (entry.value === null || time > tx.now) return null;
  if (!isDue(message, time)) {
    tx.delete(entry);
    return null;
  }
  const { userId, sid, giveUpAt } = message.value;
  if (userId === null || sid === null || !isReachable(client.value, message.value)) {
    return giveUp(tx, message, "the client has no backchannel_logout_uri any more");
  }
  const restsUntil = restingUntil(deps, { kind: "logout", clientId });
  if (restsUntil > tx.now) {
    if (restsUntil >= giveUpAt) {
      return giveUp(tx, message, message.value.lastError ?? "not answered");
    }
    logoutOutbox.postpone(tx, message, { nextAttemptAt: restsUntil });
    return null;
  }
  const named = { client: client.value, provider, userId, sid };
  const token = await signLogoutToken(deps, tx, named).catch(unlessRefused);
  // It is never sent in the clear.
  if (token === null) return giveUp(tx, message, "the client has no key to encrypt the token with");
  logoutOutbox.lease(tx, message, { by, until: tx.now + leaseLifetime });
  return { client: client.value, token };
}

function unlessRefused(error: unknown): null {
  if (error instanceof OAuthError) return null;
  throw error;
}

function isDue(
  message: { readonly value: LogoutMessage | null },
  time: number,
): message is Present<LogoutMessage> {
  const { value } = message;
  return value !== null && isPending(value) && value.nextAttemptAt === time;
}

function isPending({ toldAt, failedAt }: LogoutMessage): boolean {
  return toldAt === null && failedAt === null;
}
