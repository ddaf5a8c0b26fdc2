import type { Deps } from "../deps/deps.ts";
import { listSigningKeys } from "../keys/key_rotation.ts";

/**
 * The public keys that verify what this server signs, or will sign next.
 *
 * @see RFC 7517 section 5
 */
export async function readJwks(deps: Deps): Promise<{ keys: Record<string, unknown>[] }> {
  const now = deps.clock.seconds();
  const published = (await listSigningKeys(deps))
    .filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now);
  return { keys: published.map((key) => key.publicJwk) };
}
