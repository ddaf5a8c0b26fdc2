import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK } from "jose";
import * as auditSeals from "../../stores/audit_seals.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { utf8 } from "../crypto/encoding.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";

/** The signed content of a seal, as the payload of its JWS. */
export interface SealPayload {
  readonly sequence: number;
  readonly root: string;
  readonly count: number;
  /** The digest of the previous JWS; null in the first seal. */
  readonly previous: string | null;
  readonly until: string;
  readonly issuer: string;
  /** The leaves of the seals up to this number may be missing. Absent: all are there. */
  readonly foldedTo?: number;
}

/**
 * The encryption context of the private half of the sealing key: it can be unsealed only with this
 * context.
 */
export const keyContext = "audit_keys";

/** Signs a seal. @returns a compact JWS */
export async function signSeal(deps: Deps, payload: SealPayload): Promise<string> {
  const { kid, sealedPrivateJwk } = await auditKey(deps);
  const jwk = JSON.parse(await deps.masterKey.unseal(sealedPrivateJwk, keyContext));
  return await new CompactSign(utf8(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "EdDSA", kid, typ: "audit-seal" })
    .sign(await importJWK(jwk, "EdDSA"));
}

/** The signed content of a seal; null: it is not signed by this key. */
export async function openSeal(
  jws: string,
  publicJwk: Record<string, unknown> | null,
): Promise<SealPayload | null> {
  if (publicJwk === null) return null;
  try {
    const key = await importJWK(publicJwk, "EdDSA");
    const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA"] });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}

/** The public half of the sealing key; null: nothing was sealed yet. */
export async function publicKeyOf({ kv }: Pick<Deps, "kv">) {
  const { key } = await kv.step(systemOrigin, (tx) => tx.read({ key: auditSeals.keyRef() }));
  return key.value?.publicJwk ?? null;
}

/** One key forever: a proof must outlive every rotation of the keys that sign tokens. */
async function auditKey(deps: Deps): Promise<auditSeals.AuditKey> {
  const { known } = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ known: auditSeals.keyRef() }),
  );
  if (known !== null && known.value !== null) return known.value;
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  const kid = randomId(deps.random);
  const key: auditSeals.AuditKey = {
    kid,
    publicJwk: { ...await exportJWK(pair.publicKey), kid, alg: "EdDSA", use: "sig" },
    sealedPrivateJwk: await deps.masterKey.seal(privateJwk, keyContext),
    createdAt: deps.clock.seconds(),
  };
  await deps.kv.step(systemOrigin, (tx) => auditSeals.createKey(tx, key));
  return key;
}
