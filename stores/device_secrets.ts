import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import { secretKey } from "./engine/ids.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The session in which it was issued: its end is that of the secret. */
  sessionId: z.string(),
  /** The name that the clients share which may use it. */
  nativeSso: z.string(),
  createdAt: z.int(),
  expiresAt: z.int(),
});
/** What the applications of one vendor share on a device. @see OpenID Connect Native SSO section 3.2 */
export type DeviceSecret = z.infer<typeof schema>;
const deviceSecrets = collection({ family: "device_secrets", version: 1, schema });

/** The place of a device secret, which is a secret: its key is a digest. */
export function ref(deviceSecret: string): Ref<DeviceSecret> {
  return deviceSecrets.ref(secretKey(deviceSecret));
}

/** Adds a device secret. It never changes: it is good as long as its session lives. */
export function add(tx: Transaction, deviceSecret: string, record: DeviceSecret) {
  tx.add(ref(deviceSecret), record);
}
