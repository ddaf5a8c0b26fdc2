/** The record in what `encode` of a collection returned; an empty object if there is none. */
export function recordIn(stored: unknown): object {
  const record = isObject(stored) && "record" in stored ? stored.record : null;
  return isObject(record) ? record : {};
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
