import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import { secretKey } from "./engine/ids.ts";
import type { Transaction } from "./engine/transaction.ts";

const schema = z.object({
  /** The session in which it was issued. Each use checks it: when it has ended, the secret has. */
  sessionId: z.string(),
  /** The name that the clients share which may use it. */
  nativeSso: z.string(),
  createdAt: z.int(),
  /** The absolute end of the session, as it was when the secret was issued or presented last. */
  expiresAt: z.int(),
});
/** What the applications of one vendor share on a device. @see OpenID Connect Native SSO section 3.2 */
export type DeviceSecret = z.infer<typeof schema>;
const deviceSecrets = collection({ family: "device_secrets", version: 1, schema });

/** The place of a device secret, which is a secret: its key is a digest. */
export function ref(deviceSecret: string): Ref<DeviceSecret> {
  return deviceSecrets.ref(secretKey(deviceSecret));
}

/** Adds a device secret, or moves its end. Nothing else of it changes. */
export function add(tx: Transaction, deviceSecret: string, record: DeviceSecret) {
  tx.add(ref(deviceSecret), record);
}
