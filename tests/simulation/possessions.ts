import { ownerOfName, usernameRef } from "../../stores/user_names.ts";
import type { Kv } from "../../stores/engine/step.ts";
import * as passkeys from "../../stores/passkeys.ts";
import type { Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { recoveryCodeDigest } from "../../src/authn/second_factor/recovery_codes.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import type { MasterKey } from "../../src/crypto/master_key.ts";
import { encodedKey, type SoftCredential } from "../support/authenticator.ts";
import { appKey, cleo, dora, type Person, recoveryCodes } from "./people.ts";

// One for all passkeys of all runs: what tells them apart in the store is their credential ids. Ed25519
// signs the same text always in the same way. @see RFC 8037 appendix A.1
const jwk = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
const privateJwk = { ...jwk, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" };
/** EdDSA, as COSE knows it. */
export const passkeyAlgorithm = -8;

export async function passkeyKeys(): Promise<CryptoKeyPair> {
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.importKey("jwk", jwk, "Ed25519", true, ["verify"]),
    crypto.subtle.importKey("jwk", privateJwk, "Ed25519", true, ["sign"]),
  ]);
  return { publicKey, privateKey };
}

/** Gives Cleo an authenticator app, and something on paper. */
export async function giveSecondFactors(kv: Kv, sealing: MasterKey) {
  await withPerson(kv, cleo, async (tx, user) => {
    const userId = users.idOf(user);
    const sealedSecret = await sealing.seal(appKey, users.totpContext(userId));
    const digests = await Promise.all(
      recoveryCodes.map((code) => recoveryCodeDigest(userId, code)),
    );
    users.replace(tx, user, {
      totp: { sealedSecret, lastStep: 0, createdAt: 1 },
      recoveryCodes: { digests, createdAt: 1 },
    });
  });
}

/** Gives Dora a passkey that counts. @returns what her authenticator holds of it */
export async function givePasskey(kv: Kv, keys: CryptoKeyPair): Promise<SoftCredential> {
  const id = toBase64url(new Uint8Array(32).fill(1));
  let userHandle = "";
  await withPerson(kv, dora, async (tx, user) => {
    userHandle = users.idOf(user);
    const passkeyId = await passkeys.idOfCredential(id);
    passkeys.create(tx, passkeyId, {
      userId: userHandle,
      credentialId: id,
      publicKey: toBase64url(await encodedKey(passkeyAlgorithm, keys.publicKey)),
      counter: 0,
      transports: ["usb"],
      deviceType: "singleDevice",
      backedUp: false,
      aaguid: "00000000-0000-0000-0000-000000000000",
      name: "A key on a ring",
    });
    users.replace(tx, user, { passkeys: [passkeyId] });
  });
  return { id, userHandle, keys, alg: passkeyAlgorithm, counter: 0 };
}

async function withPerson(
  kv: Kv,
  { username }: Person,
  work: (tx: Transaction, user: Present<User>) => Promise<void>,
) {
  await kv.step(systemOrigin, async (tx) => {
    const { name } = await tx.read({ name: usernameRef(username) });
    const { user } = await tx.read({ user: users.ref(ownerOfName(name, username) ?? "") });
    if (user.value === null) throw new Error(`${username} is not there`);
    await work(tx, user);
  });
}
