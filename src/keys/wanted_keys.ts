import type { Client } from "../../stores/clients.ts";
import * as providers from "../../stores/provider.ts";
import { firstAlgorithms } from "../../stores/provider.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { signingAlgorithmsOf } from "../clients/profile.ts";
import { SigningKeysNeeded } from "./signer.ts";

/**
 * Checks that this server has a key of every algorithm that a client registers for, in the step that stores the
 * client: the JWKS shows the keys before anybody can get something that they sign.
 *
 * @throws {SigningKeysNeeded} `clientStep` and `withSigningKeys` handle it
 */
export async function assertSignable(tx: Transaction, client: Client): Promise<void> {
  const later = signingAlgorithmsOf(client).filter((alg) => !isFirst(alg));
  if (later.length === 0) return;
  const { provider } = await providers.read(tx, {});
  const missing = later.filter((alg) => provider.activeKeys[alg] === undefined);
  if (missing.length > 0) throw new SigningKeysNeeded([...new Set(missing)]);
}

function isFirst(alg: string): boolean {
  return firstAlgorithms.some((first) => first === alg);
}
