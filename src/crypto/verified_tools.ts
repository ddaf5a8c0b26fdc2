import { toBase64url, utf8 } from "./encoding.ts";
import { nodeCrypto } from "./node_crypto.ts";
import type { HashName, NativeTools } from "./native_tools.ts";
import type { RandomSource } from "./random.ts";

const hashNames = ["sha256", "sha384", "sha512"] as const satisfies readonly HashName[];
/** Around the lengths of blocks, and of what is handed over in different ways. */
const lengths = [0, 1, 22, 55, 56, 64, 111, 112, 128, 1000, 1365, 1366, 5000];

/**
 * The tools, after `node:crypto` has computed the same.
 * @throws if a result differs, or one is missing
 */
export function verifiedTools(tools: NativeTools, random: RandomSource): NativeTools {
  const key = random.bytes(32);
  const mac = tools.macWith(key);
  const [context, iv] = [random.bytes(22), random.bytes(12)];
  const { createCipheriv, createHash, createHmac } = nodeCrypto();
  for (const length of lengths) {
    const text = `${toBase64url(random.bytes(length))}ä\u{1f511}`;
    for (const name of hashNames) {
      const expected = createHash(name).update(text).digest();
      assertEqual(tools.hash(name, text), expected);
      assertEqual(tools.hash(name, utf8(text)), expected);
    }
    assertEqual(mac(text), createHmac("sha256", key).update(text).digest());
    const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(context);
    const ciphertext = cipher.update(text);
    cipher.final();
    const sealed = tools.encrypt({ key, iv, context }, utf8(text));
    assertEqual(sealed?.ciphertext ?? null, ciphertext);
    assertEqual(sealed?.tag ?? null, cipher.getAuthTag());
  }
  return tools;
}

function assertEqual(one: Uint8Array | null, expected: Uint8Array) {
  if (one === null || toBase64url(one) !== toBase64url(expected)) {
    throw new Error("the library computes something else than node:crypto");
  }
}
