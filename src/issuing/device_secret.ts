import { createHash } from "node:crypto";
import type { Client } from "../../stores/clients.ts";
import * as deviceSecrets from "../../stores/device_secrets.ts";
import type { DeviceSecret } from "../../stores/device_secrets.ts";
import {
  isPresent,
  type Peeked,
  type PeekedPresent,
  type Present,
} from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as sessions from "../../stores/sessions.ts";
import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";
import { toBase64url } from "../crypto/encoding.ts";
import { isLive } from "../sessions/live_session.ts";
import { sessionIdOf } from "./live_grant.ts";

/** What a token response and its ID token say of a device secret. */
export interface ToldDeviceSecret {
  readonly deviceSecret: string;
  /** @see OpenID Connect Native SSO section 3.4.1 */
  readonly dsHash: string;
}

/**
 * The device secret of a grant: the presented one if it belongs to the same session, or a new one.
 *
 * @param presented what the client sent; one that is not good is ignored
 * @returns null: the session has ended, or the client shares no sign-in
 * @see OpenID Connect Native SSO sections 3.3 and 3.4
 */
export async function deviceSecretOf(
  tx: Transaction,
  { client, grant, user, provider, presented }: {
    readonly client: Client;
    readonly grant: Grant;
    readonly user: Present<User>;
    readonly provider: Provider;
    readonly presented: string | undefined;
  },
): Promise<ToldDeviceSecret | null> {
  const { nativeSso } = client;
  const sessionId = sessionIdOf(grant);
  if (nativeSso === null || sessionId === null) return null;
  // Each use looks at the session again.
  const { session, known } = await tx.peek({
    session: sessions.ref(sessionId),
    known: presented === undefined ? null : deviceSecrets.ref(presented),
  }, "checked_at_use");
  if (session.value === null || !isLive(session.value, user, provider)) return null;
  if (presented !== undefined && isSecretOf(known, { sessionId, nativeSso })) {
    keepWithSession(tx, presented, known.value, session.value);
    return { deviceSecret: presented, dsHash: dsHashOf(presented) };
  }
  // Checked, because the session remembers its secrets.
  const holder = tx.fetched(sessions.ref(sessionId));
  if (!isPresent(holder)) return null;
  const deviceSecret = `ds.${tx.ids.secret()}`;
  const { endsAt: expiresAt } = holder.value;
  const secret = { sessionId, nativeSso, createdAt: tx.now, expiresAt };
  deviceSecrets.issue(tx, holder, deviceSecret, secret);
  return { deviceSecret, dsHash: dsHashOf(deviceSecret) };
}

/** Whether a device secret exists and belongs to this session and these clients. */
export function isSecretOf(
  known: Peeked<DeviceSecret> | null,
  { sessionId, nativeSso }: Pick<DeviceSecret, "sessionId" | "nativeSso">,
): known is PeekedPresent<DeviceSecret> {
  const secret = known?.value ?? null;
  return secret !== null && secret.sessionId === sessionId && secret.nativeSso === nativeSso;
}

/**
 * Gives a secret that was presented the end of its session, which a new sign-in in that browser has moved.
 * Nothing else of it changes, so the write needs no check.
 */
export function keepWithSession(
  tx: Transaction,
  deviceSecret: string,
  known: DeviceSecret,
  { endsAt }: Pick<Session, "endsAt">,
): void {
  if (known.expiresAt >= endsAt) return;
  deviceSecrets.extend(tx, deviceSecret, { ...known, expiresAt: endsAt });
}

/** The left half of the SHA-256, as `at_hash` is made: only this server compares it. */
export function dsHashOf(deviceSecret: string): string {
  return toBase64url(createHash("sha256").update(deviceSecret).digest().subarray(0, 16));
}
