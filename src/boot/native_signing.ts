import type { Config } from "../config/config.ts";
import type { NativeSigning } from "../deps/native_signing.ts";
import type { Logger } from "../telemetry/logger.ts";

/** The native library that the configuration names; null: none, or one that cannot be used. */
export async function nativeSigning(
  { nativeCrypto: path }: Pick<Config, "nativeCrypto">,
  logger: Logger,
): Promise<NativeSigning | null> {
  if (path === null) return null;
  const { LibcryptoNotUsable, openLibcrypto } = await import("../keys/libcrypto.ts");
  try {
    const native = openLibcrypto(path);
    logger.info(`signing with ${path}`);
    return native;
  } catch (error) {
    if (!(error instanceof LibcryptoNotUsable)) throw error;
    const hint = "start the server with deno task start:native, or correct LATCHKEY_NATIVE_CRYPTO";
    logger.warn(`${path} is not used: ${error.message}; WebCrypto signs. ${hint}`);
    return null;
  }
}
