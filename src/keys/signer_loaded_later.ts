import { later } from "../deps/later.ts";
import type { Signer } from "../deps/signer.ts";
import type { SignerSurroundings } from "./signer.ts";

/** A signer whose code is loaded when it first signs, or is asked whether it can. */
export function signerLoadedLater(surroundings: SignerSurroundings): Signer {
  const signer = later(async () => {
    const { createSigner } = await import("./signer.ts");
    return createSigner(surroundings);
  });
  return {
    sign: (provider, alg, claims, typ) => signer.use((one) => one.sign(provider, alg, claims, typ)),
    load: (provider) => signer.use((one) => one.load(provider)),
  };
}
