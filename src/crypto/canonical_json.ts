/** JSON in which the order of members does not matter. @see RFC 8785 section 3.2.3 */
export function canonicalJson(value: unknown): string {
  // The replacer takes several times as long as the text itself, and sealing makes millions of them.
  if (isInOrder(value)) return JSON.stringify(value);
  return JSON.stringify(value, (_, member: unknown) => {
    const isObject = typeof member === "object" && member !== null && !Array.isArray(member);
    return isObject ? sorted(member) : member;
  });
}

/** Whether the members of all objects in a value stand in the order of their names. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  return !("toJSON" in value) && hasMembersInOrder(value); // what toJSON returns is not looked at
}

function hasMembersInOrder<T extends object>(value: T): boolean {
  let before = "";
  for (const name in value) {
    if (name < before || !isInOrder(value[name])) return false;
    before = name;
  }
  return true;
}

function sorted(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1));
}
