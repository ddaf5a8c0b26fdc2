/** Freezes a value and all that it holds, since several steps may hold it. @returns the same value */
export function deepFrozen<T>(value: T): T {
  // Bytes cannot be frozen.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  // No list of the members is made: for every record of a commit, that takes longer than freezing.
  if (Array.isArray(value)) { for (const member of value) deepFrozen(member); }
  else for (const name in value) deepFrozen(value[name]);
  return Object.freeze(value);
}
