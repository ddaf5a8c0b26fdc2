/** Freezes a value and all that it holds, since several steps may hold it. @returns the same value */
export function deepFrozen<T>(value: T): T {
  // Bytes cannot be frozen.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}
