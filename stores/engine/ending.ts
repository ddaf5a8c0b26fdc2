import { StoreUnavailable } from "./store_errors.ts";
import { Refusal } from "./transaction.ts";

/**
 * How a run of a step ended. `answer` returns or throws the step's result; if the step writes, call it
 * only after the commit.
 */
export type Ending<T> =
  /** The step threw: nothing is written. */
  | { readonly failed: true; readonly refused: false; readonly answer: () => never }
  /** The step returned, or threw by `tx.refuse`: its writes are committed. */
  | { readonly failed: false; readonly refused: boolean; readonly answer: () => T };

/** Runs a part of a step. */
export async function run<T>(work: () => T | Promise<T>): Promise<Ending<T>> {
  try {
    const result = await work();
    return { answer: () => result, failed: false, refused: false };
  } catch (thrown) {
    if (thrown instanceof StoreUnavailable) throw thrown;
    if (thrown instanceof Refusal) {
      const answer = () => {
        throw thrown.error;
      };
      return { answer, failed: false, refused: true };
    }
    const answer = () => {
      throw thrown;
    };
    return { answer, failed: true, refused: false };
  }
}

/**
 * How a run of a step ends. If the store is unavailable, or the outcome is unknown, the run throws
 * instead.
 */
export type Exit<T> =
  /** The step is done: its writes have landed, or it had none. */
  | { readonly kind: "answered"; readonly answer: () => T }
  /** The step runs again. `committed`: the store has refused its commit. */
  | {
    readonly kind: "again";
    readonly because: "conflict" | "waited" | "void";
    readonly committed: boolean;
  };

export function again(because: "conflict" | "waited" | "void", committed: boolean): Exit<never> {
  return { kind: "again", because, committed };
}
