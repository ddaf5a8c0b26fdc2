import { z } from "zod";
import { collection, type Present, type Ref } from "./engine/collection.ts";
import { secretKey } from "./engine/ids.ts";
import type { Transaction } from "./engine/transaction.ts";
import * as sessions from "./sessions.ts";
import type { Session } from "./sessions.ts";

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

/** How many secrets of one vendor are good in a session: a client that sends none gets a new one each time. */
const mostInSession = 8;

/** Adds a new device secret to a session, and ends the vendor's oldest ones that are too many. */
export function issue(
  tx: Transaction,
  session: Present<Session>,
  deviceSecret: string,
  record: DeviceSecret,
) {
  tx.add(ref(deviceSecret), record);
  const { nativeSso } = record;
  const before = session.value.deviceSecrets ?? [];
  const ended = before.filter((known) => known.nativeSso === nativeSso).slice(0, 1 - mostInSession);
  for (const { key } of ended) tx.end(deviceSecrets.ref(key));
  sessions.noteDeviceSecrets(tx, session, [
    ...before.filter((known) => !ended.includes(known)),
    { key: secretKey(deviceSecret), nativeSso },
  ]);
}

/** Moves the end of a device secret. Nothing else of it changes. */
export function extend(tx: Transaction, deviceSecret: string, record: DeviceSecret) {
  tx.add(ref(deviceSecret), record);
}
