import type { Kv } from "../../stores/engine/step.ts";
import type { PresentedSecret } from "../clients/methods/client_secret.ts";

/**
 * Which secrets of clients this process knows to be right, or to have been: presenting one of these again is
 * no guess, and is verified all the same.
 */
export interface ProvenSecrets {
  has(name: string): boolean;
  add(name: string): void;
  /** Secrets that are being verified and were not known before: the end of the last turn of each. */
  readonly turns: Map<string, Promise<void>>;
}

/** Only right secrets are remembered, so it takes many clients to fill it. */
const most = 10_000;
const ofStore = new WeakMap<Kv, ProvenSecrets>();

export function provenSecrets(kv: Kv): ProvenSecrets {
  const known = ofStore.get(kv);
  if (known !== undefined) return known;
  const proven = new Set<string>();
  const made: ProvenSecrets = {
    has: (name) => proven.has(name),
    add(name) {
      if (proven.size >= most) proven.clear();
      proven.add(name);
    },
    turns: new Map(),
  };
  ofStore.set(kv, made);
  return made;
}

/** Names a client's secret. It is a digest: a secret itself is not kept, nor compared letter by letter. */
export function nameOfSecret({ clientId, unencodedDigest }: PresentedSecret): string {
  return `${unencodedDigest} ${clientId}`;
}
