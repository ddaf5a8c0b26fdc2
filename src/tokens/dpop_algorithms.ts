import { signingAlgorithms, usable } from "../../stores/provider.ts";

/** What a proof may be signed with: asymmetric algorithms alone. */
export const dpopAlgorithms = [...usable(signingAlgorithms)];
