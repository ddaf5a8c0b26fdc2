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
  /** Without its hyphen. It opens nothing by itself: only a signed-in user can answer it. */
  userCode: z.string(),
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

/** Where a user code leads to. */
export function userCodeRef(userCode: string): Ref<UserCode> {
  return userCodes.ref(userCode);
}

/**
 * Stores a new device authorization. @param free the absent record of its user code
 * @see RFC 8628 section 3.2
 */
export function add(
  tx: Transaction,
  at: Ref<DeviceAuthorization>,
  free: Entry<UserCode>,
  request: DeviceAuthorization,
) {
  tx.add(at, request);
  const expiresAt = request.codesExpireAt;
  tx.create(free.ref, { deviceCodeDigest: String(at.key[1]), expiresAt });
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
