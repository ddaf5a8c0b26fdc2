import { difference } from "./difference.ts";
import { equal } from "./equal.ts";
import { AssertionError } from "./error.ts";

/** Holds that each member of `expected`, at any depth, is one of `actual`, which may have more. */
export function assertObjectMatch(actual: object, expected: object, msg?: string): void {
  const found = restrictedTo(expected, actual, new Map());
  if (equal(found, expected)) return;
  const finding = msg ? `Objects do not match: ${msg}` : "Objects do not match";
  throw new AssertionError(`${finding}\n\n${difference(found, expected)}\n`);
}

/** What is left of `value` without the members that `pattern` does not name. */
function restrictedTo(pattern: unknown, value: unknown, seen: Map<object, unknown>): unknown {
  if (Array.isArray(pattern) && Array.isArray(value)) {
    // A shorter pattern of an array is a mismatch; its items may be partial.
    return value.map((item, index) => restrictedTo(pattern[index], item, seen));
  }
  if (!isRecord(pattern) || !isRecord(value)) return value;
  if (seen.has(pattern)) return seen.get(pattern);
  const result: object = Object.create(Object.getPrototypeOf(pattern));
  seen.set(pattern, result);
  for (const key of Reflect.ownKeys(pattern)) {
    if (!(key in value)) continue;
    Reflect.set(
      result,
      key,
      restrictedTo(Reflect.get(pattern, key), Reflect.get(value, key), seen),
    );
  }
  return result;
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return ![Array, Date, RegExp, Map, Set, URL, Error, ArrayBuffer].some((type) =>
    value instanceof type
  ) && !ArrayBuffer.isView(value);
}
