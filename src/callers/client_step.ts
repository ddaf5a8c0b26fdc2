import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { ClientKeysNeeded } from "../clients/methods/assertion_signature.ts";
import { IssuerKeysNeeded } from "../clients/methods/issuer_signature.ts";
import type { Deps } from "../deps/deps.ts";
import { OwnKeysNeeded } from "../keys/signer.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Call } from "./caller.ts";

/**
 * A step of a client that authenticates in it. If keys have to be fetched for that, or made to sign the
 * answer, the step ends, that is done, and it runs again: nothing is fetched within a step.
 */
export async function clientStep<T>(
  deps: Deps,
  { origin }: Pick<Call, "origin">,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const found: string[] = [];
  for (;;) {
    try {
      return await deps.kv.step(origin, work);
    } catch (error) {
      if (!isKeysNeeded(error)) throw error;
      // Keys of others are fetched once, but an answer may need several keys of this server one by one.
      const needed = error instanceof OwnKeysNeeded ? error.message : error.name;
      if (found.includes(needed)) throw changedMeanwhile(error);
      await findKeys(deps, origin, error); // few clients need it
      found.push(needed);
    }
  }
}

type KeysNeeded = ClientKeysNeeded | IssuerKeysNeeded | OwnKeysNeeded;

function isKeysNeeded(error: unknown): error is KeysNeeded {
  return error instanceof ClientKeysNeeded || error instanceof IssuerKeysNeeded ||
    error instanceof OwnKeysNeeded;
}

async function findKeys(deps: Deps, origin: Origin, needed: KeysNeeded): Promise<void> {
  if (needed instanceof ClientKeysNeeded) {
    const { fetchClientKeys } = await import("./client_keys.ts");
    return await fetchClientKeys(deps, origin, needed);
  }
  if (needed instanceof OwnKeysNeeded) {
    const { makeOwnKeys } = await import("./own_keys.ts");
    return await makeOwnKeys(deps, origin, needed);
  }
  const { fetchIssuerKeys } = await import("./issuer_keys.ts");
  await fetchIssuerKeys(deps, origin, needed);
}

/** Another request has changed the client or deleted the keys in between. */
function changedMeanwhile(cause: KeysNeeded): OAuthError {
  return new OAuthError(
    "temporarily_unavailable",
    cause instanceof OwnKeysNeeded
      ? "the keys that sign the answer have changed meanwhile: try again"
      : "the keys that verify the request have changed meanwhile: try again",
    { cause, headers: { "Retry-After": "1" } },
  );
}
