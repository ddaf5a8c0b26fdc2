/**
 * Whether two values have the same shape and content. A member that is `undefined` is not the same
 * as one that is absent, and objects of different classes are never equal.
 */
export function equal(a: unknown, b: unknown): boolean {
  return same(a, b, new Map());
}

// Pairs already under comparison count as equal, so that cycles end.
type Pairs = Map<object, Set<object>>;

function same(a: unknown, b: unknown, pairs: Pairs): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === "number" && typeof b === "number") return a === b; // 0 and -0
  if (!isObject(a) || !isObject(b)) return false;
  if (typeof a === "function" || typeof b === "function") return false;
  if (!sameClass(a, b)) return false;
  if (pairs.get(a)?.has(b)) return true;
  pairs.set(a, (pairs.get(a) ?? new Set()).add(b));

  return sameContent(a, b, pairs) && sameMembers(a, b, pairs);
}

function sameContent(a: object, b: object, pairs: Pairs): boolean {
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams) {
    return String(a) === String(b);
  }
  if (a instanceof Headers && b instanceof Headers) return same([...a], [...b], pairs);
  if (a instanceof Error && b instanceof Error) {
    return a.name === b.name && a.message === b.message && same(a.cause, b.cause, pairs);
  }
  if (a instanceof String || a instanceof Number || a instanceof Boolean) {
    return Object.is(a.valueOf(), b.valueOf());
  }
  if (isBytes(a) && isBytes(b)) return sameBytes(a, b);
  if (a instanceof Set && b instanceof Set) return sameUnordered([...a], [...b], pairs);
  if (a instanceof Map && b instanceof Map) return sameUnordered([...a], [...b], pairs);
  // Their content cannot be looked at, and they are not the same one.
  if (a instanceof WeakMap || a instanceof WeakSet || a instanceof Promise) return false;
  if (a instanceof WeakRef && b instanceof WeakRef) return same(a.deref(), b.deref(), pairs);
  return !Array.isArray(a) || !Array.isArray(b) || a.length === b.length;
}

function sameMembers(a: object, b: object, pairs: Pairs): boolean {
  // Bytes were compared as a whole, and the platform's own classes keep internals under symbols.
  if (isBytes(a) || a instanceof Headers || a instanceof URLSearchParams) return true;
  const keys = enumerableKeys(a);
  if (keys.length !== enumerableKeys(b).length) return false;
  return keys.every((key) =>
    Object.prototype.propertyIsEnumerable.call(b, key) &&
    same(Reflect.get(a, key), Reflect.get(b, key), pairs)
  );
}

function sameUnordered(a: unknown[], b: unknown[], pairs: Pairs): boolean {
  if (a.length !== b.length) return false;
  const unmatched = new Set(b.keys());
  return a.every((item) => {
    for (const index of unmatched) {
      // A copy of the pairs: a comparison that failed must not count as one that is under way.
      if (!same(item, b[index], copyOf(pairs))) continue;
      return unmatched.delete(index);
    }
    return false;
  });
}

function sameClass(a: object, b: object): boolean {
  return classOf(a) === classOf(b);
}

/** An object without a prototype counts as a plain one. */
function classOf(value: object): unknown {
  const constructor = Reflect.get(value, "constructor");
  return Object.getPrototypeOf(value) === null ? Object : constructor;
}

function sameBytes(a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function enumerableKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function copyOf(pairs: Pairs): Pairs {
  return new Map([...pairs].map(([a, partners]) => [a, new Set(partners)]));
}
