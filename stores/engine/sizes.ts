/** With one of these in a text, V8 holds each of its characters in two bytes. */
const wideCharacter = /[\u0100-\uffff]/;

/** The estimated bytes of memory that a value takes. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return 24 + value.length * (wideCharacter.test(value) ? 2 : 1);
  if (typeof value !== "object" || value === null) return 16;
  if (ArrayBuffer.isView(value)) return 96 + value.byteLength;
  return 64 + sizeOfMembers(value);
}

/** No list of the members is made: each commit estimates what it has written. */
function sizeOfMembers<T extends object>(value: T): number {
  let sum = 0;
  if (Array.isArray(value)) { for (const member of value) sum += sizeOf(member); }
  else for (const name in value) sum += name.length + sizeOf(value[name]);
  return sum;
}

/**
 * Bytes that a record takes beside its value, at most: its name, its versionstamp, and its places in maps.
 * Measured with 20,000 records in the cache: tokens take 0.7 of what is estimated for them, and pushed requests
 * 0.9.
 */
const recordSize = 256;
/** Bytes of the record that is kept beside a list that was read, or instead of one that was written. */
const unpackedCopy = 200;

/** The estimated bytes of memory that a remembered record takes. @param stored in either form of a record */
export function sizeOfRecord(name: string, stored: unknown): number {
  const copy = Array.isArray(stored) ? unpackedCopy : 0;
  return recordSize + copy + name.length + sizeOf(stored);
}

/**
 * Bytes by which the process grows for each byte that is estimated here. Measured with full caches of 16, 24,
 * 32, 48 and 64 MB whose records were replaced all the time, with the flags of `deno task start`: by 20, 35,
 * 56, 65 and 98 MB at most, when a record still took 140 to 200 bytes more. What is not alive of it is V8's:
 * what was replaced and is not collected yet, and gaps between what stays.
 */
const grownPerByte = 1.5;

/** The estimated bytes that may be remembered if the process is to grow by so many megabytes. */
export function bytesThatFit(megabytes: number): number {
  return megabytes * 2 ** 20 / grownPerByte;
}
