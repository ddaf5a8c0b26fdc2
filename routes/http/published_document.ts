import { bytesDigest } from "../../src/crypto/digest.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import type { PlainAnswer } from "../plain_endpoint.ts";

/** A public document in the form in which it is sent: its bytes, also compressed, and their ETags. */
export interface PublishedDocument {
  readonly plain: Form;
  readonly compressed: Form;
  /** True once. The first answer is sent sooner as it is: the process may have been started for it. */
  takeFirstAnswer(): boolean;
}

interface Form {
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  body(): Body | Promise<Body>;
}

type Body = string | Uint8Array<ArrayBuffer>;

/** Renders a document once, for all requests until it changes. */
export async function publishedDocument(document: unknown): Promise<PublishedDocument> {
  const text = JSON.stringify(document);
  const bytes = utf8(text);
  const digest = await bytesDigest(bytes);
  let isFirst = true;
  let gzip: Promise<Body> | null = null;
  return {
    plain: form(`"${digest}"`, {}, () => text), // the server sends a text sooner than its bytes
    compressed: form(
      `"${digest}.gzip"`,
      { "Content-Encoding": "gzip" },
      () => gzip ??= gzipped(bytes),
    ),
    takeFirstAnswer() {
      const answer = isFirst;
      isFirst = false;
      return answer;
    },
  };
}

function form(etag: string, encoding: Record<string, string>, body: Form["body"]): Form {
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
export async function documentAnswer(
  document: PublishedDocument,
  { headers }: Request,
): Promise<PlainAnswer> {
  const { plain, compressed } = document;
  const isFirst = document.takeFirstAnswer();
  const acceptsGzip = takesGzip(headers.get("accept-encoding"));
  const known = headers.get("if-none-match");
  if (known !== null && isOneOf(known, [plain.etag, compressed.etag])) {
    return { status: 304, body: null, headers: (acceptsGzip ? compressed : plain).headers };
  }
  const chosen = acceptsGzip && !isFirst ? compressed : plain;
  return { status: 200, body: await chosen.body(), headers: chosen.headers };
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
