import { fromBase64url, toBase64url } from "./src/crypto/encoding.ts";
import { systemRandom } from "./src/crypto/random.ts";

/** The master key of a development server: created at its first start, and kept next to its store. */
export async function localMasterKey(path = ".latchkey/development_master_key") {
  const folder = path.slice(0, path.lastIndexOf("/"));
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const options = { read: true, write: true, create: true, mode: 0o600 };
  using file = await Deno.open(path, options);
  // If several processes start at once, the first creates the key and the others wait.
  await file.lock(true);
  // Read through the locked file handle: on Windows no other handle can read it.
  const content = new Uint8Array(64);
  const length = await file.read(content) ?? 0;
  const kept = new TextDecoder().decode(content.subarray(0, length)).trim();
  if (kept !== "") return fromBase64url(kept);
  const key = systemRandom.bytes(32);
  await file.write(new TextEncoder().encode(`${toBase64url(key)}\n`));
  return key;
}

/**
 * The port, or the first free one of the next hundred. If the host is wrong or not permitted, it is the port: who
 * listens there says why that cannot be.
 */
export function nextFreePort(hostname: string, port: number): number {
  for (let candidate = port; candidate < port + 100 && candidate <= 65_535; candidate++) {
    try {
      Deno.listen({ hostname, port: candidate }).close();
      return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) return port;
    }
  }
  return port;
}
