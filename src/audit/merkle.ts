import { toBase64url, utf8 } from "../crypto/encoding.ts";

/**
 * The root of a Merkle tree: it changes with any of its leaves, with their order and their number.
 *
 * @returns base64url
 * @see RFC 9162 section 2.1.1
 */
export async function merkleRoot(leaves: readonly string[]): Promise<string> {
  const hashes = await Promise.all(leaves.map((leaf) => sha256(0x00, utf8(leaf))));
  if (hashes.length === 0) return toBase64url(await sha256Of(new Uint8Array()));
  let level = hashes;
  // From the bottom up: whoever has no partner goes up as they are, which is the same tree.
  while (level.length > 1) {
    const above: Promise<Uint8Array<ArrayBuffer>>[] = [];
    for (let n = 0; n < level.length; n += 2) {
      const [left, right] = [level[n], level[n + 1]];
      if (left === undefined) break;
      above.push(right === undefined ? Promise.resolve(left) : sha256(0x01, left, right));
    }
    level = await Promise.all(above);
  }
  const [root] = level;
  if (root === undefined) throw new Error("a tree without a root");
  return toBase64url(root);
}

/** Leaves and nodes are hashed apart, so that a node cannot be passed off as a leaf. */
function sha256(prefix: number, ...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return sha256Of(new Uint8Array([prefix, ...parts.flatMap((part) => [...part])]));
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
