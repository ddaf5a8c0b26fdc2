import type { AuditEvent } from "../../stores/audit_events.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import { secretKey } from "../../stores/engine/ids.ts";
import type { OutgoingRequest } from "../../src/deps/transport.ts";
import { grantIdOf } from "./event_log.ts";
import type { History } from "./history.ts";
import { callCentre } from "./installation.ts";
import type { World } from "./world.ts";

/** What a client tells the server for its message about a request. */
export const notificationToken = "a-token-of-the-bank";

export function isPing({ url }: OutgoingRequest): boolean {
  return url.href === callCentre.backchannel_client_notification_endpoint;
}

/** What a message to a client says, and what is wrong with it. */
export function readPing({ headers, body }: OutgoingRequest, history: History) {
  const { auth_req_id }: { auth_req_id: string } = JSON.parse(body ?? "");
  const digest = secretKey(auth_req_id);
  const request = history.find<BackchannelRequest>("backchannel_requests", digest);
  const isGone = history.wasDeleted("backchannel_requests", digest);
  const problems: string[] = [];
  if (!isGone && (request?.answer ?? null) === null) {
    problems.push("told of an answer that nobody has given");
  }
  if (headers.authorization !== `Bearer ${notificationToken}`) {
    problems.push("told of an answer without the client's token");
  }
  return { told: `ping ${grantIdOf(auth_req_id)}`, problems };
}

/** The client was told of each answer, or an event says that its request ended before. Nothing is left. */
export function* answersTold({ history, told }: World): Generator<string> {
  const givenUp = new Set<string | null>();
  for (const { key, record } of history.records.values()) {
    if (key[0] !== "audit_events") continue;
    const event = record as AuditEvent;
    if (event.type === "client_not_told_of_answer") givenUp.add(event.grantId);
  }
  for (const { key, record } of history.records.values()) {
    if (key[0] === "ping_outbox_due") yield `was left behind: ${key.join(" ")}`;
    if (key[0] !== "backchannel_requests") continue;
    const { answer, grantId } = record as BackchannelRequest;
    if (answer === null || told.has(`ping ${grantId}`) || givenUp.has(grantId)) continue;
    yield `the client was not told of an answer: ${grantId}`;
  }
}
