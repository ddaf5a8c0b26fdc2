import type { Transaction } from "../../stores/engine/transaction.ts";
import { ClientKeysNeeded } from "../clients/methods/assertion_signature.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { Call } from "./caller.ts";

/**
 * A step of a client that authenticates in it. If the client's keys have to be fetched for that, the step
 * ends, they are fetched, and it runs once more: nothing is fetched within a step.
 */
export async function clientStep<T>(
  deps: Deps,
  { origin }: Pick<Call, "origin">,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await deps.kv.step(origin, work);
  } catch (error) {
    if (!(error instanceof ClientKeysNeeded)) throw error;
    const { fetchClientKeys } = await import("./client_keys.ts"); // few clients need it
    await fetchClientKeys(deps, origin, error);
    return await deps.kv.step(origin, work).catch(unlessKeysAreNeededAgain);
  }
}

/** Another request has changed the client or deleted its keys in between. */
function unlessKeysAreNeededAgain(error: unknown): never {
  if (!(error instanceof ClientKeysNeeded)) throw error;
  throw new OAuthError(
    "temporarily_unavailable",
    "the client's keys have changed during the request: try again",
    { cause: error, headers: { "Retry-After": "1" } },
  );
}
