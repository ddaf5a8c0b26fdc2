import { StoreUnavailable } from "./kv.ts";
import { Refusal } from "./transaction.ts";

/** What `answer` returns or throws is what the step has come to; if it writes, once that is committed. */
export type Ending<T> =
  /** It threw, so that nothing is to be written. */
  | { readonly failed: true; readonly refused: false; readonly answer: () => never }
  /** It returned, or threw by `tx.refuse`, so that what it wrote is. */
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
