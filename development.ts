import { fromBase64url, toBase64url } from "./src/crypto/encoding.ts";
import { systemRandom } from "./src/crypto/random.ts";

const keyFile = ".latchkey/development_master_key";

/** The master key of a development server: made at its first start, kept beside its store. */
export async function localMasterKey(): Promise<Uint8Array> {
  try {
    return fromBase64url((await Deno.readTextFile(keyFile)).trim());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const key = systemRandom.bytes(32);
  await Deno.mkdir(".latchkey", { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(keyFile, `${toBase64url(key)}\n`, { mode: 0o600 });
  return key;
}

/** The port, or the first free one of the hundred after it. */
export function nextFreePort(hostname: string, port: number): number {
  for (let candidate = port; candidate < port + 100 && candidate <= 65_535; candidate++) {
    try {
      Deno.listen({ hostname, port: candidate }).close();
      return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  return port;
}
