import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { listSigningKeys } from "../keys/key_rotation.ts";

export interface PublishedKeys {
  readonly keys: readonly Record<string, unknown>[];
  /** Epoch seconds until which this list is known to be right unless a key changes. */
  readonly until: number;
}

/**
 * Seconds after which the keys are listed again, whatever `readKeysChange` says: in a rolling deployment
 * from 0.2, the earlier release withdraws a key without noting it.
 */
const longest = 60;

/**
 * The public keys that verify what this server signs, or will sign next, and those that clients encrypt
 * their requests for.
 * @see RFC 7517 section 5
 */
export async function readJwks(deps: Deps): Promise<PublishedKeys> {
  const now = deps.clock.seconds();
  const published = (await listSigningKeys(deps))
    .filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now);
  const { ref } = await import("../../stores/encryption_keys.ts"); // not before the first look
  const encryption = await deps.kv.step(
    systemOrigin,
    (tx) => tx.read({ ec: ref("EC"), rsa: ref("RSA") }),
  );
  const ends = published.map(({ publishedUntil }) => publishedUntil ?? Infinity);
  return {
    keys: [
      ...published.map((key) => key.publicJwk),
      ...Object.values(encryption).flatMap(({ value }) => value ? [value.current.publicJwk] : []),
    ],
    until: Math.min(now + longest, ...ends),
  };
}

/** Identifies the last change of the signing keys. As long as it is equal, the keys are equal. */
export async function readKeysChange({ kv }: Pick<Deps, "kv">): Promise<string> {
  const at = signingKeys.changeRef();
  const [remembered] = kv.glance([at]) ?? [];
  if (remembered !== undefined) return remembered.versionstamp ?? "";
  const { change } = await kv.step(systemOrigin, (tx) => tx.read({ change: at }));
  return change.versionstamp ?? "";
}
