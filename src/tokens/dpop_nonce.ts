import type { Deps } from "../deps/deps.ts";

const purpose = "dpop_nonce";
/** Seconds after which another nonce is given out; the one before is still taken. */
const period = 300;

/** The nonce of this moment. It needs no record: every process can tell its own. @see RFC 9449 section 8 */
export function currentNonce(deps: Deps): Promise<string> {
  return nonceOf(deps, number(deps));
}

/** Whether a nonce is the current one, or the one before. */
export async function isOurNonce(deps: Deps, nonce: string): Promise<boolean> {
  const [digits = "", mac = ""] = nonce.split(".");
  const given = Number(digits);
  const now = number(deps);
  if (String(given) !== digits || given > now || given < now - 1) return false;
  return await deps.masterKey.verifyMac(purpose, digits, mac);
}

async function nonceOf(deps: Deps, count: number): Promise<string> {
  return `${count}.${await deps.masterKey.mac(purpose, String(count))}`;
}

function number(deps: Deps): number {
  return Math.floor(deps.clock.seconds() / period);
}
