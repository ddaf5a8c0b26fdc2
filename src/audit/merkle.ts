import { createHash } from "node:crypto";
import { toBase64url } from "../crypto/encoding.ts";

/**
 * A Merkle tree that grows leaf by leaf. Its root depends on every leaf, on their order and on their
 * number.
 */
export interface MerkleTree {
  add(leaf: string): void;
  /** In base64url. @see RFC 9162 section 2.1.1 */
  root(): string;
}

interface Subtree {
  readonly size: number;
  readonly hash: Uint8Array;
}

/** An empty tree. It keeps one hash for each complete subtree, about a dozen for a thousand leaves. */
export function merkleTree(): MerkleTree {
  const complete: Subtree[] = []; // from the left; each is larger than the next
  return {
    add(leaf) {
      let added: Subtree = { size: 1, hash: sha256(leafPrefix, leaf) };
      for (let left = complete.at(-1); left?.size === added.size; left = complete.at(-1)) {
        complete.pop();
        added = { size: 2 * added.size, hash: sha256(nodePrefix, left.hash, added.hash) };
      }
      complete.push(added);
    },
    root() {
      const fromRight = complete.map(({ hash }) => hash).reverse();
      const root = fromRight.length === 0
        ? createHash("sha256").digest()
        : fromRight.reduce((right, left) => sha256(nodePrefix, left, right));
      return toBase64url(new Uint8Array(root));
    },
  };
}

/** Different prefixes for leaves and nodes, so that a node cannot be presented as a leaf. */
const [leafPrefix, nodePrefix] = [new Uint8Array([0]), new Uint8Array([1])];

function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
