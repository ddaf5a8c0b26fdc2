import { signingAlgorithms, usable } from "../../stores/provider.ts";

/** What a proof may be signed with: asymmetric algorithms alone. */
export const dpopAlgorithms = [...usable(signingAlgorithms)];

/** The algorithms, as every `DPoP` challenge lists them. @see RFC 9449 section 7.1 */
export const challengeAlgs = `algs="${dpopAlgorithms.join(" ")}"`;
