import { show } from "./difference.ts";
import { refuse } from "./error.ts";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Holds that the function throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Holds that the function throws an error of this class whose message has the text in it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    expected.assertMet(thrown);
    return thrown;
  }
  refuse("Expected function to throw", expected.msg);
}

/** Holds that the promise is rejected, and returns the reason. A synchronous throw does not count. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Holds that the promise is rejected with an error of this class whose message has the text in it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    refuse(`Expected a rejected promise, but the function threw ${show(error)}`, expected.msg);
  }
  let reason: unknown;
  try {
    await promise;
  } catch (error) {
    reason = error;
    expected.assertMet(reason);
    return reason;
  }
  refuse("Expected function to reject", expected.msg);
}

/** Holds that the value is an error of this class whose message has the text in it. */
function assertIsError<E extends Error>(
  error: unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes = "",
  msg?: string,
) {
  if (!(error instanceof Error)) refuse(`Expected an Error, found ${show(error)}`, msg);
  if (!(error instanceof ErrorClass)) {
    refuse(`Expected an error of ${ErrorClass.name}, found ${described(error)}`, msg);
  }
  if (error.message.includes(msgIncludes)) return;
  refuse(`Expected a message with ${show(msgIncludes)}, found ${described(error)}`, msg);
}

function expectation<E extends Error>(
  classOrMsg: ErrorClass<E> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): { msg: string | undefined; assertMet(thrown: unknown): void } {
  if (typeof classOrMsg !== "function") return { msg: classOrMsg, assertMet: () => {} };
  return { msg, assertMet: (thrown) => assertIsError(thrown, classOrMsg, msgIncludes, msg) };
}

function described(error: Error): string {
  return `${error.constructor.name}: ${error.message}`;
}
