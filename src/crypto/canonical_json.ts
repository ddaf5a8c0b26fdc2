/** JSON in which the order of members does not matter. @see RFC 8785 section 3.2.3 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    const isObject = typeof member === "object" && member !== null && !Array.isArray(member);
    return isObject ? sorted(member) : member;
  });
}

function sorted(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => a < b ? -1 : 1));
}
