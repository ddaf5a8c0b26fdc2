/** Image types that every browser shows and that cannot load anything else. */
export type RasterType = "image/png" | "image/jpeg" | "image/webp";
export type ImageType = RasterType | "image/svg+xml";

/** The type of an image by its first bytes, whatever its name or its sender says; null: none of these. */
export function rasterTypeOf(bytes: Uint8Array): RasterType | null {
  const starts = (signature: readonly number[], at = 0) =>
    signature.every((byte, i) => bytes[at + i] === byte);
  if (starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (starts([0xff, 0xd8, 0xff])) return "image/jpeg";
  const riff = [0x52, 0x49, 0x46, 0x46];
  const webp = [0x57, 0x45, 0x42, 0x50];
  if (starts(riff) && starts(webp, 8)) return "image/webp";
  return null;
}

/** Like `rasterTypeOf`, and SVG too. An SVG can hold scripts, so it must be served with a policy. */
export function imageTypeOf(bytes: Uint8Array): ImageType | null {
  return rasterTypeOf(bytes) ?? (isSvg(bytes) ? "image/svg+xml" : null);
}

function isSvg(bytes: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return false;
  }
  // What may precede the element: a declaration, comments, a document type.
  const start = text.replace(/^(\s|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>[]*>)*/is, "");
  return /^<svg[\s>]/.test(start);
}
