import * as auditEvents from "../../stores/audit_events.ts";
import { isSameClient } from "../../stores/client_identity.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Due } from "../../stores/client_outbox.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as pingOutbox from "../../stores/ping_outbox.ts";
import type { Ping } from "../../stores/ping_outbox.ts";
import { SealError } from "../crypto/master_key.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { runWorker } from "../deps/worker.ts";
import { deliverDue, duePages, leaseLifetime, type Told } from "../outgoing/deliver_due.ts";
import { nextAttempt, type Outcome, sendMessage } from "../outgoing/message.ts";
import { restingUntil } from "../outgoing/resting.ts";
import { type PingSecrets, unsealPing } from "./sealed_ping.ts";

/** A user waits for it, and the client may poll meanwhile. */
const pace = { first: 5, longest: 60 };

/**
 * Tells clients that users have answered, as far as messages are due. Each is told at least once, as long
 * as its request lasts, and then asks for the tokens.
 * @param ending once aborted, no other message is begun
 * @throws {StoreUnavailable}
 * @see CIBA Core section 10.2
 */
export async function deliverPings(deps: Deps, ending?: AbortSignal): Promise<Told> {
  return await deliverDue(deps, {
    pages: () => duePages(deps, pingOutbox),
    deliver: (due) => deliver(deps, due),
  }, ending);
}

/** Tells clients as long as the process runs: when it is woken, and when a retry is due. */
export async function runPingWorker(deps: Deps, signal: AbortSignal): Promise<void> {
  const failed = "clients could not be told of answers; it is tried again";
  const work = (ending: AbortSignal) => deliverPings(deps, ending);
  await runWorker(deps, { wakeUp: deps.pingWakeUp, work, failed }, signal);
}

async function deliver(deps: Deps, due: Due): Promise<"told" | "failed" | null> {
  const by = randomId(deps.random);
  const taken = await deps.kv.step(systemOrigin, (tx) => take(deps, tx, due, by));
  if (taken === null) return null;
  if ("error" in taken) return "failed";
  const outcome = await send(deps, taken);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { ping } = await tx.read({ ping: pingOutbox.ref(due.messageId) });
    if (isPresent(ping) && ping.value.failedAt === null) noteOutcome(tx, ping, by, outcome);
  });
  if (outcome.kind === "told") return "told";
  const { clientId } = due;
  deps.logger.warn(`the client "${clientId}" was not told of an answer: ${outcome.error}`, {
    clientId,
  });
  return "failed";
}

interface Taken {
  readonly client: Client;
  readonly url: string;
  readonly secrets: PingSecrets;
}

/** Takes a message, in one commit: only one of several workers gets it. */
async function take(
  deps: Deps,
  tx: Transaction,
  { messageId, time, clientId }: Due,
  by: string,
): Promise<Taken | { readonly error: string } | null> {
  const { ping, entry, client: { value: client } } = await tx.read({
    ping: pingOutbox.ref(messageId),
    entry: pingOutbox.dueRef(messageId, time),
    client: clients.ref(clientId),
  });
  // Another worker has taken it, and its lease is the new time.
  if (entry.value === null || time > tx.now) return null;
  if (!isPresent(ping) || ping.value.failedAt !== null || ping.value.nextAttemptAt !== time) {
    tx.delete(entry);
    return null;
  }
  const { sealed, giveUpAt, lastError } = ping.value;
  const url = client?.backchannelClientNotificationEndpoint ?? null;
  if (client === null || url === null || !isSameClient(client, ping.value)) {
    return giveUp(tx, ping, "the client has no backchannel_client_notification_endpoint any more");
  }
  const next = Math.max(restingUntil(deps, { kind: "ping", clientId }), tx.now);
  if (next >= giveUpAt) return giveUp(tx, ping, lastError ?? "not sent in time");
  if (next > tx.now) {
    pingOutbox.postpone(tx, ping, { nextAttemptAt: next });
    return null;
  }
  const secrets = await unsealPing(deps, messageId, sealed).catch(unlessSealed);
  if (secrets === null) return giveUp(tx, ping, "its master key is gone");
  pingOutbox.lease(tx, ping, { by, until: tx.now + leaseLifetime });
  return { client, url, secrets };
}

function unlessSealed(error: unknown): null {
  if (error instanceof SealError) return null;
  throw error;
}

async function send(deps: Deps, { client, url, secrets }: Taken): Promise<Outcome> {
  const { authReqId, token } = secrets;
  return await sendMessage(deps, client, {
    kind: "ping",
    url,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ auth_req_id: authReqId }),
    final: [400, 401, 403],
  });
}

/** Records what became of an attempt. @param by the worker that made it */
function noteOutcome(tx: Transaction, ping: Present<Ping>, by: string, outcome: Outcome) {
  if (outcome.kind === "told") {
    pingOutbox.remove(tx, ping);
    const event = { clientId: ping.value.clientId, grantId: pingOutbox.idOf(ping) };
    return auditEvents.append(tx, { type: "client_told_of_answer", ...event });
  }
  // The lease expired and another worker has taken the message: that worker records the result.
  if (ping.value.leasedBy !== by) return;
  const { kind, error } = outcome;
  const next = nextAttempt(tx, ping.value, kind, pace);
  if (next === null) return void giveUp(tx, ping, error);
  pingOutbox.postpone(tx, ping, { ...next, lastError: error });
}

/** Gives a message up. The client finds the answer when it polls. */
function giveUp(tx: Transaction, ping: Present<Ping>, error: string): { readonly error: string } {
  const { clientId } = ping.value;
  const grantId = pingOutbox.idOf(ping);
  pingOutbox.bury(tx, ping, error);
  auditEvents.append(tx, {
    type: "client_not_told_of_answer",
    outcome: "failure",
    reason: error,
    clientId,
    grantId,
  });
  return { error };
}
