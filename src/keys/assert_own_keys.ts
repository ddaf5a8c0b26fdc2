import type { Client } from "../../stores/clients.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import { type EncryptionKeyType, keyTypeOf } from "../../stores/encryption_keys.ts";
import * as providers from "../../stores/provider.ts";
import { firstAlgorithms, type SigningAlgorithm } from "../../stores/provider.ts";
import type { Resource } from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { signingAlgorithmsOf } from "../clients/profile.ts";
import { OwnKeysNeeded } from "./signer.ts";

/**
 * Checks that this server has all keys that a client registers for, in the step that stores the client: the
 * JWKS shows them before anybody gets something that they sign, or encrypts something for them.
 *
 * @throws {OwnKeysNeeded} `clientStep` and `withOwnKeys` handle it
 */
export async function assertOwnKeys(tx: Transaction, client: Client): Promise<void> {
  const { requestObjectEncryptionAlg: alg } = client;
  await assertKeys(tx, signingAlgorithmsOf(client), alg === null ? null : keyTypeOf(alg));
}

/** As `assertOwnKeys`, for the algorithm that a resource chooses. @throws {OwnKeysNeeded} */
export async function assertKeysOfResource(
  tx: Transaction,
  { accessTokenSigningAlg: alg }: Pick<Resource, "accessTokenSigningAlg">,
): Promise<void> {
  if (alg !== null) await assertKeys(tx, [alg], null);
}

async function assertKeys(
  tx: Transaction,
  signatures: readonly SigningAlgorithm[],
  kty: EncryptionKeyType | null,
): Promise<void> {
  const later = signatures.filter((alg) => !isFirst(alg));
  if (later.length === 0 && kty === null) return;
  const { provider, keys } = await providers.read(tx, {
    keys: kty === null ? null : encryptionKeys.ref(kty),
  });
  const signing = new Set(later.filter((alg) => provider.activeKeys[alg] === undefined));
  const encryption = kty !== null && keys?.value === null ? [kty] : [];
  if (signing.size + encryption.length === 0) return;
  throw new OwnKeysNeeded({ signing: [...signing], encryption });
}

function isFirst(alg: string): boolean {
  return firstAlgorithms.some((first) => first === alg);
}
