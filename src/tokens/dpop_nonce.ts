import type { Deps } from "../deps/deps.ts";

const purpose = "dpop_nonce";
/**
 * Seconds after which another nonce is given out. It is short, because a nonce tells when a proof was made:
 * after a restore those of its period are refused.
 */
const period = 30;
/** The nonces that are taken at a time: the current one and those of the ten minutes before. */
const taken = 20;

/** The nonce of this moment. It needs no record: every process can tell its own. @see RFC 9449 section 8 */
export function currentNonce(deps: Deps): Promise<string> {
  return nonceOf(deps, number(deps));
}

/**
 * When a nonce could be used first, in epoch seconds; null: it is none of the last ten minutes. Without a
 * nonce of ours, only the clock of a device tells when its proof was made.
 */
export async function nonceFrom(deps: Deps, nonce: string): Promise<number | null> {
  const [digits = "", mac = ""] = nonce.split(".");
  const given = Number(digits);
  const now = number(deps);
  if (String(given) !== digits || given > now || given <= now - taken) return null;
  return await deps.masterKey.verifyMac(purpose, digits, mac) ? given * period : null;
}

async function nonceOf(deps: Deps, count: number): Promise<string> {
  return `${count}.${await deps.masterKey.mac(purpose, String(count))}`;
}

function number(deps: Deps): number {
  return Math.floor(deps.clock.seconds() / period);
}
