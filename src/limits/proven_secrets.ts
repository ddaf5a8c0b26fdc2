import { decodeProtectedHeader } from "jose";
import { assertionAlgorithms } from "../../stores/client_authentication.ts";
import { type KeyQueue, keyQueue } from "../../stores/engine/key_queue.ts";
import type { Kv } from "../../stores/engine/step.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import type { PresentedCredentials } from "../clients/credentials.ts";
import type { PresentedAssertion } from "../clients/methods/client_assertion.ts";
import { isBySecret, type PresentedSecret } from "../clients/methods/client_secret.ts";

/** Credentials that somebody could guess: a secret, or what is signed with one. */
export type GuessableCredentials = PresentedSecret | PresentedAssertion;

/**
 * Which secrets of clients this process knows to be right, or to have been: presenting one of these again is
 * no guess, and is verified all the same. And what is being guessed at this moment.
 */
export interface ProvenSecrets {
  has(name: string): boolean;
  add(name: string): void;
  /** The requests of a name take turns here. */
  readonly turns: KeyQueue;
  /** Notes that a name which is not known to be right is being verified. Calling the result ends it. */
  enter(block: string, name: string): () => void;
  /**
   * Whether other names are being verified from this block of addresses, and not known to be right. Then
   * this one may be one more guess of the same burst, and being right must not spare it its place.
   */
  isAmongGuesses(block: string, name: string): boolean;
}

/** Only right secrets are remembered, so it takes many clients to fill it. */
const most = 10_000;

export const provenSecrets = perObject<Kv, ProvenSecrets>(newProvenSecrets);

function newProvenSecrets(): ProvenSecrets {
  const proven = new Set<string>();
  /** By block of addresses: how many requests verify each name. */
  const guessed = new Map<string, Map<string, number>>();
  return {
    has: (name) => proven.has(name),
    add(name) {
      if (proven.size >= most) proven.clear();
      proven.add(name);
    },
    turns: keyQueue(),
    enter(block, name) {
      const names = guessed.get(block) ?? new Map<string, number>();
      guessed.set(block, names.set(name, (names.get(name) ?? 0) + 1));
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        const rest = (names.get(name) ?? 0) - 1;
        if (rest > 0) names.set(name, rest);
        else names.delete(name);
        if (names.size === 0 && guessed.get(block) === names) guessed.delete(block);
      };
    },
    isAmongGuesses(block, name) {
      const names = guessed.get(block);
      return names !== undefined && names.size > (names.has(name) ? 1 : 0);
    },
  };
}

/** Whether credentials could be a guess at a secret. Keys and certificates cannot be guessed. */
export function isGuessable(
  credentials: PresentedCredentials,
): credentials is GuessableCredentials {
  return isBySecret(credentials) ||
    (credentials.method === "client_assertion" && isSignedBySecret(credentials.assertion));
}

/** No other assertion is ever compared with a secret, whatever its client has registered. */
function isSignedBySecret(assertion: string): boolean {
  try {
    const { alg } = decodeProtectedHeader(assertion);
    return assertionAlgorithms.client_secret_jwt.some((one) => one === alg);
  } catch {
    return false;
  }
}

/**
 * Names what is guessed. A secret has the name of its digest: a secret itself is not kept, nor compared
 * letter by letter. No two assertions are the same, so all that a client signs at its address have one name.
 */
export function nameOfSecret(credentials: GuessableCredentials, block: string): string {
  const { clientId } = credentials;
  return isBySecret(credentials)
    ? `${credentials.unencodedDigest} ${clientId}`
    : `signed ${block} ${clientId}`;
}
