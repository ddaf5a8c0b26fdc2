import * as auditSeals from "../../stores/audit_seals.ts";
import type { AuditKey } from "../../stores/audit_seals.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import type { EncryptionKeys } from "../../stores/encryption_keys.ts";
import { type Collection, isPresent, type Ref } from "../../stores/engine/collection.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import * as idempotencyKeys from "../../stores/idempotency_keys.ts";
import type { IdempotencyKey } from "../../stores/idempotency_keys.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import * as pairwiseKeys from "../../stores/pairwise_key.ts";
import type { PairwiseKey } from "../../stores/pairwise_key.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import type { SigningKey } from "../../stores/signing_keys.ts";
import * as totpEnrolments from "../../stores/totp_enrolments.ts";
import type { TotpEnrolment } from "../../stores/totp_enrolments.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { keyContext } from "../audit/seal_signature.ts";
import { secretContext } from "../clients/kept_secret.ts";
import type { Deps } from "../deps/deps.ts";
import { sealContext as mailContext } from "../mail/outbox.ts";
import { sealContext } from "../keys/signer.ts";
import { isSealedWithCurrentKey, proofContext, proofText } from "./master_key_proof.ts";

/** How to read and replace the sealed part of a record. */
interface Sealed<T> {
  /** Null: this record has no sealed part. */
  read(value: T): string | null;
  write(value: T, sealed: string): T;
  context(ref: Ref<T>): string;
}

const signingKey: Sealed<SigningKey> = {
  read: (key) => key.sealedPrivateJwk,
  write: (key, sealedPrivateJwk) => ({ ...key, sealedPrivateJwk }),
  context: ({ key }) => sealContext(String(key[1])),
};
const auditKey: Sealed<AuditKey> = {
  read: (key) => key.sealedPrivateJwk,
  write: (key, sealedPrivateJwk) => ({ ...key, sealedPrivateJwk }),
  context: () => keyContext,
};
const mail: Sealed<OutgoingMail> = {
  read: ({ sealedMail }) => sealedMail,
  write: (outgoing, sealedMail) => ({ ...outgoing, sealedMail }),
  context: ({ key }) => mailContext(String(key[1])),
};
const answer: Sealed<IdempotencyKey> = {
  read: ({ sealedAnswer }) => sealedAnswer,
  write: (kept, sealedAnswer) => ({ ...kept, sealedAnswer }),
  context: idempotencyKeys.contextOf,
};
const authenticatorApp: Sealed<User> = {
  read: ({ totp }) => totp && totp.sealedSecret,
  write: (user, sealedSecret) => ({ ...user, totp: user.totp && { ...user.totp, sealedSecret } }),
  context: ({ key }) => users.totpContext(String(key[1])),
};
const clientSecret: Sealed<Client> = {
  read: (client) => client.sealedSecret,
  write: (client, sealedSecret) => ({ ...client, sealedSecret }),
  context: ({ key }) => secretContext(String(key[1])),
};
const previousClientSecret: Sealed<Client> = {
  read: ({ previousSecret }) => previousSecret && previousSecret.sealedSecret,
  write: (client, sealedSecret) => ({
    ...client,
    previousSecret: client.previousSecret && { ...client.previousSecret, sealedSecret },
  }),
  context: clientSecret.context,
};
const pairwiseKey: Sealed<PairwiseKey> = {
  read: ({ sealedKey }) => sealedKey,
  write: (key, sealedKey) => ({ ...key, sealedKey }),
  context: () => pairwiseKeys.context,
};
const encryptionKey: Sealed<EncryptionKeys> = {
  read: ({ current }) => current.sealedPrivateJwk,
  write: ({ current, ...keys }, sealedPrivateJwk) => ({
    ...keys,
    current: { ...current, sealedPrivateJwk },
  }),
  context: ({ key }) => encryptionKeys.contextOf(String(key[1])),
};
const previousEncryptionKey: Sealed<EncryptionKeys> = {
  read: ({ previous }) => previous && previous.sealedPrivateJwk,
  write: ({ previous, ...keys }, sealedPrivateJwk) => ({
    ...keys,
    previous: previous && { ...previous, sealedPrivateJwk },
  }),
  context: encryptionKey.context,
};
const enrolment: Sealed<TotpEnrolment> = {
  read: ({ spentBy, sealedSecret }) => spentBy === null ? sealedSecret : null,
  write: (pending, sealedSecret) => ({ ...pending, sealedSecret }),
  context: ({ key }) => totpEnrolments.enrolmentContext(String(key[1])),
};

/**
 * Seals everything from the previous master key again with the current one, so that the previous one can
 * be removed. Each commit changes one record, and the proof comes last: if the process stops half way,
 * the next start continues.
 */
export async function resealAll(deps: Deps): Promise<void> {
  const resealed = await resealFamily(deps, signingKeys.all, signingKey) +
    Number(await reseal(deps, auditSeals.keyRef(), auditKey)) +
    Number(await reseal(deps, pairwiseKeys.ref(), pairwiseKey)) +
    await resealFamily(deps, encryptionKeys.all, encryptionKey) +
    await resealFamily(deps, encryptionKeys.all, previousEncryptionKey) +
    await resealFamily(deps, mailOutbox.all, mail) +
    await resealFamily(deps, idempotencyKeys.all, answer) +
    await resealFamily(deps, clients.all, clientSecret) +
    await resealFamily(deps, clients.all, previousClientSecret) +
    await resealFamily(deps, users.all, authenticatorApp) +
    await resealFamily(deps, totpEnrolments.all, enrolment);
  await resealProof(deps);
  if (resealed > 0) deps.logger.info("sealed records with the new master key", { resealed });
}

/** @returns the number of records that were changed */
async function resealFamily<T>(
  deps: Deps,
  collection: Collection<T>,
  sealed: Sealed<T>,
): Promise<number> {
  let resealed = 0;
  for await (const entries of eachPage(deps, { collection, limit: 100 })) {
    for (const { ref, value } of entries) {
      const text = sealed.read(value);
      if (text === null || isSealedWithCurrentKey(deps, text)) continue;
      resealed += Number(await reseal(deps, ref, sealed));
    }
  }
  return resealed;
}

/** @returns whether the record was changed */
function reseal<T>(deps: Deps, ref: Ref<T>, sealed: Sealed<T>): Promise<boolean> {
  return deps.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: ref });
    if (!isPresent(entry)) return false;
    const text = sealed.read(entry.value);
    if (text === null || isSealedWithCurrentKey(deps, text)) return false;
    const context = sealed.context(ref);
    const plain = await deps.masterKey.unseal(text, context);
    tx.replace(entry, sealed.write(entry.value, await deps.masterKey.seal(plain, context)));
    return true;
  });
}

async function resealProof(deps: Deps) {
  await deps.kv.step(systemOrigin, async (tx) => {
    const { provider } = await tx.read({ provider: providers.ref() });
    if (provider.value === null || isSealedWithCurrentKey(deps, provider.value.masterKeyProof)) {
      return;
    }
    const proof = await deps.masterKey.seal(proofText, proofContext);
    providers.keepMasterKeyProof(tx, provider, proof);
  });
}
