import { bytesDigest } from "../../src/crypto/digest.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import type { PlainAnswer } from "../plain_endpoint.ts";

/** A public document in the form in which it is sent: its bytes, also compressed, and their ETags. */
export interface PublishedDocument {
  readonly plain: Representation;
  readonly compressed: Representation;
}

interface Representation {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders a document once, for all requests until it changes. */
export async function publishedDocument(document: unknown): Promise<PublishedDocument> {
  const text = JSON.stringify(document);
  const bytes = utf8(text);
  const digest = await bytesDigest(bytes);
  return {
    plain: representation(text, `"${digest}"`, {}), // the server sends a text sooner than its bytes
    compressed: representation(await gzipped(bytes), `"${digest}.gzip"`, {
      "Content-Encoding": "gzip",
    }),
  };
}

function representation(
  body: Representation["body"],
  etag: string,
  encoding: Record<string, string>,
): Representation {
  const headers = {
    "Cache-Control": "public, max-age=300",
    "ETag": etag,
    "Vary": "Accept-Encoding",
    ...encoding,
  };
  return { body, etag, headers };
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Answers with the document, or with 304 if the client has it. @see RFC 9110 section 13.1.2 */
export function documentAnswer(
  { plain, compressed }: PublishedDocument,
  { headers }: Request,
): PlainAnswer {
  const chosen = takesGzip(headers.get("accept-encoding")) ? compressed : plain;
  const known = headers.get("if-none-match");
  const isKnown = known !== null && isOneOf(known, [plain.etag, compressed.etag]);
  return {
    status: isKnown ? 304 : 200,
    body: isKnown ? null : chosen.body,
    headers: chosen.headers,
  };
}

/** Weak comparison, because a proxy that compresses an answer makes its ETag weak. */
function isOneOf(header: string, etags: readonly string[]): boolean {
  const known = header.split(",").map((etag) => etag.trim().replace(/^W\//, ""));
  return known.includes("*") || known.some((etag) => etags.includes(etag));
}

/** Whether the client named gzip, and did not refuse it. @see RFC 9110 section 12.5.3 */
function takesGzip(accepted: string | null): boolean {
  const gzip = /(?:^|,)\s*gzip\s*(?:;\s*q=([\d.]+)\s*)?(?:,|$)/i.exec(accepted ?? "");
  return gzip !== null && Number(gzip[1] ?? 1) > 0;
}
