import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { merkleTree } from "../../src/audit/merkle.ts";

/** As RFC 9162 section 2.1.1 writes it: split at the largest power of two below the number of leaves. */
function treeHash(leaves: readonly string[]): Uint8Array {
  const sha256 = (...parts: (Uint8Array | string)[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  };
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(new Uint8Array([0]), first);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return sha256(new Uint8Array([1]), treeHash(left), treeHash(right));
}

Deno.test("a tree that grows leaf by leaf has the root of RFC 9162, whatever its size", () => {
  for (let size = 0; size <= 70; size++) {
    const leaves = Array.from({ length: size }, (_, n) => `leaf ${n}`);
    const tree = merkleTree();
    for (const leaf of leaves) tree.add(leaf);
    const expected = btoa(String.fromCharCode(...treeHash(leaves)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    assertEquals(tree.root(), expected, `${size} leaves`);
  }
});
