import { foreignBase64 } from "../crypto/encoding.ts";
import { type RasterType, rasterTypeOf } from "../config/image_type.ts";

export interface ClientLogo {
  readonly type: RasterType;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Part of a client's record, which each of its requests reads; in bytes. */
const largestLogo = 16 * 1024;

/**
 * The image in a client's `logo_uri`. Pages show no other logo: one at a web address would tell the
 * client who opens our pages, and could change from one day to the next.
 *
 * @returns null if the client has none, or one at a web address
 */
export function clientLogo(logoUri: string | null): ClientLogo | null {
  const decoded = logoUri === null ? null : decode(logoUri);
  return decoded === null || typeof decoded === "string" ? null : decoded;
}

/** What is wrong with a `logo_uri`, or null. @see RFC 7591 section 2, RFC 2397 */
export function logoProblem(logoUri: string): string | null {
  if (/^data:/i.test(logoUri)) {
    const decoded = decode(logoUri);
    return typeof decoded === "string" ? decoded : null;
  }
  const url = URL.parse(logoUri);
  if (url?.protocol === "https:" || url?.protocol === "http:") {
    return logoUri.length <= 2048 ? null : "must have at most 2048 characters";
  }
  return "must be an https URL, or a data: URI with the image itself";
}

/** The image in a `data:` URI, or what is wrong with it. */
function decode(uri: string): ClientLogo | string {
  const found = /^data:(image\/(?:png|jpeg|webp));base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri);
  const [, type, base64 = ""] = found ?? [];
  if (found === null) return "must be a data: URI of image/png, image/jpeg or image/webp in base64";
  if (base64.length > Math.ceil(largestLogo / 3) * 4) return tooLarge;
  const bytes = foreignBase64(base64);
  if (bytes === null) return "must be a data: URI whose base64 can be decoded";
  if (bytes.length > largestLogo) return tooLarge;
  // The Content-Type must be that of the bytes, so it comes from them.
  const actual = rasterTypeOf(bytes);
  return actual === type && actual !== null
    ? { type: actual, bytes }
    : "must hold an image of the type that it names";
}

const tooLarge = `must be a data: URI of at most ${largestLogo} bytes of image`;
