/**
 * A copy of log fields that can be written as JSON, with secrets replaced and errors written out. It only
 * recognises secrets by name, so it is the second line of defence. The first is not to log secrets.
 */
export function redacted(fields: Record<string, unknown>): Record<string, unknown> {
  return plainMembers(fields, []);
}

const unwritable = "[redacted]";

function plainMembers(members: object, within: readonly object[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    // Leave out undefined members, as JSON does.
    if (value === undefined) continue;
    const plainValue = isSecret(name) ? unwritable : plain(value, [...within, members]);
    // Use `defineProperty`: assigning to "__proto__" would change the copy's prototype.
    Object.defineProperty(copy, name, { value: plainValue, enumerable: true });
  }
  return copy;
}

function plain(value: unknown, within: readonly object[]): unknown {
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  if (within.includes(value)) return "[circular]";
  if (within.length > maxDepth) return "[too deep]";
  if (value instanceof Error) return plainError(value, [...within, value]);
  if (value instanceof Date) return isNaN(value.getTime()) ? "[no date]" : value.toISOString();
  // Drop query and fragment: they can carry codes and tokens.
  if (value instanceof URL) return `${value.origin}${value.pathname}`;
  // Bytes are usually keys and digests: never log them.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, [...within, value]));
  return plainMembers(value, within);
}

const maxDepth = 8;

function plainError(error: Error, within: readonly object[]): Record<string, unknown> {
  const { name, message, stack } = error;
  const cause = error.cause === undefined ? {} : { cause: plain(error.cause, within) };
  return { name, message, stack, ...cause };
}

/** Whether a name looks like the name of a secret: `client_secret`, `setCookie`, `code`; not `encoding`. */
function isSecret(name: string): boolean {
  return /password|passphrase|secret|token|cookie|authorization/i.test(name) ||
    name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).some((word) => /^codes?$/i.test(word));
}
