import { StoreUnavailable } from "./kv.ts";
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
