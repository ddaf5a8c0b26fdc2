/**
 * The functions of JSR's `@std/assert` that these tests use, with the same names and signatures. They are
 * for machines that cannot reach JSR.
 */
import { difference, show } from "./difference.ts";
import { equal } from "./equal.ts";
import { AssertionError, refuse } from "./error.ts";

export { AssertionError };
export { assertRejects, assertThrows } from "./throws.ts";
export { assertObjectMatch } from "./object_match.ts";

/** Holds that the value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Holds that the value is falsy. */
export function assertFalse(expr: unknown, msg = ""): void {
  if (expr) throw new AssertionError(msg);
}

/** Fails, always. */
export function fail(msg?: string): never {
  return refuse("Failed assertion", msg);
}

/** Holds that both are equal in shape and content. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const finding = msg ? `Values are not equal: ${msg}` : "Values are not equal";
  throw new AssertionError(`${finding}\n\n${difference(actual, expected)}\n`);
}

/** Holds that the two differ in shape or content. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) refuse(`Expected something else than ${show(actual)}`, msg);
}

/** Holds that the text matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  // Not `test`, which would start at the lastIndex of the pattern.
  if (actual.search(expected) !== -1) return;
  refuse(`Expected ${show(actual)} to match ${expected}`, msg);
}

/** Holds that the text has the other one in it. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    refuse(`Expected ${show(actual)} to include ${show(expected)}`, msg);
  }
}
