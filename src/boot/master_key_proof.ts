import type { Deps } from "../deps/deps.ts";

/** A constant that the provider's record holds sealed, only to recognise the master key. */
export const proofText = "latchkey";
export const proofContext = "provider/master_key_proof";

/** Whether the current master key sealed a text, and not the previous one. */
export function isSealedWithCurrentKey(deps: Pick<Deps, "masterKey">, sealed: string): boolean {
  return sealed.startsWith(`${deps.masterKey.keyId}.`);
}
