import { z } from "zod";
import {
  type Collection,
  collection,
  type Entry,
  type Present,
  type Ref,
} from "./engine/collection.ts";
import { secretKey } from "./engine/ids.ts";
import type { Transaction } from "./engine/transaction.ts";
import { polledShape } from "./polled.ts";

const schema = z.object({
  ...polledShape,
  userId: z.string(),
  /** The user's epoch at the request: after a suspension or a reset the request is dead. */
  userEpoch: z.int(),
  /** Shown to the user, and at the client; null: it sent none. */
  bindingMessage: z.string().nullable(),
  /** How the client is told of the answer, sealed; null: it polls. @see stores/ping_outbox.ts */
  sealedPing: z.string().nullable().default(null),
  createdAt: z.int(),
});
export type BackchannelRequest = z.infer<typeof schema>;
const requests = collection({ family: "backchannel_requests", version: 1, schema });
const waiting = collection({
  family: "backchannel_requests_by_user",
  version: 1,
  schema: z.object({ digest: z.string(), expiresAt: z.int() }),
});

/** The requests that wait for each user, by the id of the grant that each may lead to. */
export const byUser: Collection<{ digest: string; expiresAt: number }> = waiting;

/** The place of a request, by its `auth_req_id`, which is a secret: its key is a digest. */
export function ref(authReqId: string): Ref<BackchannelRequest> {
  return refOf(secretKey(authReqId));
}

/** The same, by the digest. */
export function refOf(digest: string): Ref<BackchannelRequest> {
  return requests.ref(digest);
}

/** Where the request of a user is found, by the id of its grant. */
export function waitingRef(userId: string, grantId: string) {
  return waiting.ref(userId, grantId);
}

/** Stores a new request under the digest of its fresh secret. */
export function add(
  tx: Transaction,
  at: Ref<BackchannelRequest>,
  request: BackchannelRequest,
) {
  tx.add(at, request);
  const { userId, grantId, codesExpireAt: expiresAt } = request;
  tx.add(waiting.ref(userId, grantId), { digest: String(at.key[1]), expiresAt });
}

/** Stores the user's answer. It waits for nobody any more, and only the client's message keeps its secrets. */
export function answer(
  tx: Transaction,
  entry: Present<BackchannelRequest>,
  given: "allowed" | "denied",
) {
  const forgotten = { parameters: {}, bindingMessage: null, sealedPing: null };
  tx.replace(entry, { ...entry.value, answer: given, ...forgotten });
  tx.end(waiting.ref(entry.value.userId, entry.value.grantId));
}

/** Whether a request is this user's, and of their present epoch. */
export function isOf(
  entry: Entry<BackchannelRequest>,
  userId: string,
  userEpoch: number,
): entry is Present<BackchannelRequest> {
  return entry.value?.userId === userId && entry.value.userEpoch === userEpoch;
}
