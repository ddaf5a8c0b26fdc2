import type { MasterKey } from "../crypto/master_key.ts";

/** A refresh token that this server made; which generation of its family it is decides the rest. */
export interface RefreshToken {
  /** Also the id of its family. */
  readonly grantId: string;
  readonly generation: number;
}

const purpose = "refresh_token";
const pattern = /^rt_([A-Za-z0-9_-]{22})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/;

/** Writes a refresh token: its family, its generation and a MAC, so that it needs no record of its own. */
export async function formatRefreshToken(
  masterKey: MasterKey,
  { grantId, generation }: RefreshToken,
): Promise<string> {
  const mac = await masterKey.mac(purpose, `${grantId}.${generation}`);
  return `rt_${grantId}.${generation}.${mac}`;
}

/**
 * Reads a refresh token; null if this server never made it.
 *
 * Without the MAC anyone who saw one token could write an older one, and so revoke the family.
 */
export async function parseRefreshToken(
  masterKey: MasterKey,
  token: string,
): Promise<RefreshToken | null> {
  const [, grantId, digits, mac] = pattern.exec(token) ?? [];
  if (grantId === undefined || digits === undefined || mac === undefined) return null;
  const generation = Number(digits);
  if (String(generation) !== digits) return null;
  const genuine = await masterKey.verifyMac(purpose, `${grantId}.${generation}`, mac);
  return genuine ? { grantId, generation } : null;
}
