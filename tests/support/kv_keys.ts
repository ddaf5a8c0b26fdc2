/**
 * A key as the bytes that Deno KV orders it by, one a character: comparing two such strings compares
 * the keys. The provider's keys hold strings and numbers only.
 */
export function encodeKey(key: Deno.KvKey): string {
  return key.map(encodePart).join("");
}

const tags = { string: "\x02", number: "\x21" };

function encodePart(part: Deno.KvKeyPart): string {
  if (typeof part === "string") {
    // A zero inside is escaped, so that the zero at the end sorts a string before its continuations.
    return `${tags.string}${bytesOf(part).replaceAll("\0", "\0\xff")}\0`;
  }
  if (typeof part === "number") return tags.number + encodeNumber(part);
  throw new TypeError(`a key with a ${typeof part}`);
}

function bytesOf(text: string): string {
  // Most are as they are encoded.
  return /^[\0-\x7f]*$/.test(text) ? text : asCharacters(new TextEncoder().encode(text));
}

/** Big-endian, the sign flipped and negative ones inverted, so that bytes sort as numbers do. */
function encodeNumber(value: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  const [first = 0] = bytes;
  if (first & 0x80) bytes.forEach((byte, i) => bytes[i] = ~byte);
  else bytes[0] = first | 0x80;
  return asCharacters(bytes);
}

function asCharacters(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return characters;
}
