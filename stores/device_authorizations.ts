import { z } from "zod";
import { confirmationSchema } from "./confirmation.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Fresh,
  isFresh,
  type Present,
  type Ref,
  type Unspent,
} from "./engine/collection.ts";
import { secretKey } from "./engine/ids.ts";
import type { Provider } from "./provider.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  clientId: z.string(),
  /** When that client was created: a later client with the same id is a different client. */
  clientCreatedAt: z.int(),
  /** The client's epoch: the device code is invalid once the client authenticates in another way. */
  clientEpoch: z.int(),
  /** The id of the grant that it may lead to. The device code begins with it. */
  grantId: z.string(),
  /** As received and checked. They are checked again when the user answers. */
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Without its hyphen. It opens nothing by itself: only a signed-in user can answer it. */
  userCode: z.string(),
  /** For the ID token. */
  nonce: z.string().nullable(),
  /** The key that the token request must prove; null: any key, or none. @see RFC 9449 section 10 */
  confirmation: confirmationSchema.nullable(),
  providerEpoch: z.int(),
  /** Seconds that the client must leave between two polls. */
  interval: z.int(),
  /** Epoch seconds of the last poll that was not too early; null: there was none. */
  polledAt: z.int().nullable(),
  /** Whether the interval has grown since that poll. It grows once for all polls that are too early. */
  slowedDown: z.boolean(),
  /** What the user has answered. The grant has the id that the device code begins with. */
  answer: z.enum(["allowed", "denied"]).nullable(),
  /** The digest of the access token that the device code was exchanged for. With it, it is a tombstone. */
  spentBy: z.string().nullable(),
  /** Only in a tombstone: the client never got the answer, so the next use is a retry and no replay. */
  undelivered: z.boolean(),
  /** Epoch seconds at which the codes end. The record is kept longer, to answer `expired_token`. */
  codesExpireAt: z.int(),
  expiresAt: z.int(),
});
export type DeviceAuthorization = z.infer<typeof schema>;
const deviceAuthorizations = collection({ family: "device_authorizations", version: 1, schema });
const userCodes = collection({
  family: "device_user_codes",
  version: 1,
  schema: z.object({ deviceCodeDigest: z.string(), expiresAt: z.int() }),
});
export type UserCode = { deviceCodeDigest: string; expiresAt: number };

export const all: Collection<DeviceAuthorization> = deviceAuthorizations;

/** The place of a device authorization, by its device code, which is a secret: its key is a digest. */
export function ref(deviceCode: string): Ref<DeviceAuthorization> {
  return refOf(secretKey(deviceCode));
}

/** The same, by the digest. */
export function refOf(deviceCodeDigest: string): Ref<DeviceAuthorization> {
  return deviceAuthorizations.ref(deviceCodeDigest);
}

export function digestOf(at: Ref<DeviceAuthorization>): string {
  return String(at.key[1]);
}

/** Where a user code leads to. */
export function userCodeRef(userCode: string): Ref<UserCode> {
  return userCodes.ref(userCode);
}

/** Whether the user can still answer it. */
export function isWaiting(
  entry: Entry<DeviceAuthorization>,
  { epoch }: Provider,
  now: number,
): entry is Present<DeviceAuthorization> {
  return entry.value !== null && entry.value.answer === null && entry.value.codesExpireAt > now &&
    entry.value.providerEpoch === epoch;
}

/**
 * Stores a new device authorization. @param free the absent record of its user code
 * @see RFC 8628 section 3.2
 */
export function add(
  tx: Transaction,
  at: Ref<DeviceAuthorization>,
  free: Entry<UserCode>,
  request: Omit<
    Unspent<DeviceAuthorization>,
    "polledAt" | "slowedDown" | "answer" | "undelivered"
  >,
) {
  const unanswered = { polledAt: null, slowedDown: false, answer: null } as const;
  tx.add(at, { ...request, ...unanswered, spentBy: null, undelivered: false });
  const expiresAt = request.codesExpireAt;
  tx.create(free.ref, { deviceCodeDigest: digestOf(at), expiresAt });
}

/** Notes a poll that was not too early. */
export function notePoll(tx: Transaction, entry: Present<DeviceAuthorization>) {
  tx.replace(entry, { ...entry.value, polledAt: tx.now, slowedDown: false });
}

/** Lengthens the interval, for this and all later polls. @see RFC 8628 section 3.5 */
export function slowDown(tx: Transaction, entry: Present<DeviceAuthorization>) {
  tx.replace(entry, { ...entry.value, interval: entry.value.interval + 5, slowedDown: true });
}

/** Stores the user's answer, and ends the user code. */
export function answer(
  tx: Transaction,
  entry: Present<DeviceAuthorization>,
  given: "allowed" | "denied",
) {
  tx.replace(entry, { ...entry.value, answer: given, parameters: {} });
  tx.end(userCodes.ref(entry.value.userCode));
}

/**
 * Spends a device code, in the commit that answers the request. The tombstone keeps the bindings, so
 * that a replay ends the grant only if it passes all of them.
 * @param expiresAt epoch seconds; an access token's lifetime, after which a replay ends nothing
 */
export function consume(
  tx: Transaction,
  entry: Fresh<DeviceAuthorization>,
  spentBy: string,
  expiresAt: number,
) {
  tx.replace(entry, { ...entry.value, spentBy, undelivered: false, expiresAt });
  tx.ifUndelivered(async (later) => {
    const { entry: now } = await later.read({ entry: entry.ref });
    if (now.value === null || now.value.spentBy !== spentBy) return;
    later.replace(now, { ...now.value, undelivered: true });
  });
}

/** A spent device code whose answer was never delivered counts as unspent. */
export function asFresh(entry: Present<DeviceAuthorization>): Fresh<DeviceAuthorization> | null {
  if (!entry.value.undelivered) return null;
  const unspent = { ...entry, value: { ...entry.value, spentBy: null } };
  return isFresh(unspent) ? unspent : null;
}
