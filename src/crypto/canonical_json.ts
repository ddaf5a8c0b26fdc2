/** JSON in which the order of members does not matter. @see RFC 8785 section 3.2.3 */
export function canonicalJson(value: unknown): string {
  // Most are in order, and JSON.stringify is several times faster without a function to call.
  if (isInOrder(value)) return JSON.stringify(value);
  return JSON.stringify(value, (_, member: unknown) => isObject(member) ? sorted(member) : member);
}

function isInOrder(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isInOrder);
  if (!isObject(value)) return true;
  let before = "";
  for (const name in value) {
    if (name < before || !isInOrder(value[name])) return false;
    before = name;
  }
  return true;
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
