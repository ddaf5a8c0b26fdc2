import type { Config } from "../config/config.ts";
import type { NativeSigning } from "../deps/native_signing.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What signs instead of WebCrypto on the thread of the requests, until it is closed. */
export interface SigningAside extends Disposable {
  /** Null: nothing does. */
  readonly signing: NativeSigning | null;
}

/**
 * The native library that the configuration names, or threads where a processor is left for them.
 * @param processors how many this process can use
 */
export async function signingAside(
  { nativeCrypto }: Pick<Config, "nativeCrypto">,
  logger: Logger,
  processors: number,
): Promise<SigningAside> {
  const library = nativeCrypto === null ? null : await nativeSigning(nativeCrypto, logger);
  if (library !== null) return { signing: library, [Symbol.dispose]() {} };
  const most = Math.min(processors - 1, mostThreads);
  if (most < 1) return { signing: null, [Symbol.dispose]() {} };
  const { signingThreads } = await import("../keys/signing_threads.ts");
  const threads = signingThreads({
    most,
    onFailed: (error) =>
      logger.warn("no signing thread could be started: signatures block requests", { error }),
  });
  return { signing: threads, [Symbol.dispose]: threads.close };
}

/** The thread of the requests cannot ask for more signatures than these make. */
const mostThreads = 4;

async function nativeSigning(path: string, logger: Logger): Promise<NativeSigning | null> {
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
