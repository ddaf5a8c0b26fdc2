/**
 * How many bytes KV keeps of a value, in the format of V8's serializer, which counts towards its limits.
 * Exact for what records hold; a text beyond Latin-1, or a member called by a number, may be a byte off.
 */
export function storedSize(value: unknown): number {
  return 2 + sizeOf(value); // the version of the format
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") {
    const bytes = /^[\0-\xff]*$/.test(value) ? value.length : 2 * value.length;
    return 1 + varint(bytes) + bytes;
  }
  if (typeof value === "number") {
    const isSmall = Number.isInteger(value) && Math.abs(value) < 2 ** 30 && !Object.is(value, -0);
    return isSmall ? 1 + varint(value < 0 ? -2 * value - 1 : 2 * value) : 9;
  }
  if (Array.isArray(value)) {
    return 3 + 2 * varint(value.length) + sum(value.map(sizeOf));
  }
  if (value instanceof Uint8Array) return 8 + value.length;
  if (value instanceof Date) return 9;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value);
    return 2 + varint(members.length) + sum(members.map(([k, v]) => sizeOf(k) + sizeOf(v)));
  }
  return 1;
}

/** Seven bits a byte. */
function varint(value: number): number {
  return value < 128 ? 1 : 1 + varint(Math.floor(value / 128));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
