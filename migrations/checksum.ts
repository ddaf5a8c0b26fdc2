/**
 * The SHA-256 of a file in hexadecimal, as `sha256sum` prints it. Line ends count as LF, because a
 * checkout may change them.
 */
export async function checksum(file: Uint8Array): Promise<string> {
  const text = new TextDecoder().decode(file).replaceAll("\r\n", "\n");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
