/**
 * The part of JSR's `@std/assert` that these tests use, with the same names and signatures, for
 * machines that do not reach JSR. Without the `links` line of `deno.json` the real one is taken.
 */
import { difference, show } from "./difference.ts";
import { equal } from "./equal.ts";
import { AssertionError, refuse } from "./error.ts";

export { AssertionError, equal };
export { assertIsError, assertRejects, assertThrows } from "./throws.ts";
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

/** Holds that both are the same value or the same object (`Object.is`). */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  if (equal(actual, expected)) refuse(`Equal, but not the same object: ${show(actual)}`, msg);
  const finding = msg ? `Values are not strictly equal: ${msg}` : "Values are not strictly equal";
  throw new AssertionError(`${finding}\n\n${difference(actual, expected)}\n`);
}

/** Holds that the two are not the same value or object (`Object.is`). */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) refuse(`Expected another than ${show(actual)}`, msg);
}

/** Holds that the value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) refuse(`Expected a value, found ${actual}`, msg);
}

/** Holds that two numbers differ by no more than the tolerance (by default a ten-millionth of `expected`). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? 1e-7 * Math.abs(expected) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(expected - actual) <= tolerance) return;
  refuse(`Expected ${actual} to be within ${tolerance} of ${expected}`, msg);
}

/** Holds that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) refuse(`Expected ${show(actual)} > ${show(expected)}`, msg);
}

/** Holds that `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) refuse(`Expected ${show(actual)} >= ${show(expected)}`, msg);
}

/** Holds that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) refuse(`Expected ${show(actual)} < ${show(expected)}`, msg);
}

/** Holds that `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) refuse(`Expected ${show(actual)} <= ${show(expected)}`, msg);
}

/** Holds that the text matches the pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!matches(actual, expected)) refuse(`Expected ${show(actual)} to match ${expected}`, msg);
}

/** Holds that the text does not match the pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (matches(actual, expected)) refuse(`Expected ${show(actual)} not to match ${expected}`, msg);
}

/** Holds that the text has the other one in it. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    refuse(`Expected ${show(actual)} to include ${show(expected)}`, msg);
  }
}

/** Holds that each of `expected` is equal to some item of `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const items = Array.from(actual);
  const missing = Array.from(expected).filter((item) => !items.some((found) => equal(found, item)));
  if (missing.length === 0) return;
  refuse(`Expected ${show(items)} to include ${show(missing)}`, msg);
}

/** Holds that the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  msg = "",
): asserts actual is T {
  if (actual instanceof expectedType) return;
  refuse(`Expected an instance of ${expectedType.name}, found ${show(actual)}`, msg);
}

function matches(text: string, pattern: RegExp): boolean {
  return text.search(pattern) !== -1; // `test` would start at the pattern's lastIndex
}
