import { systemTimers, type Timers } from "../../stores/engine/kv.ts";
import { OAuthError } from "../../src/protocol/errors.ts";

/** A request's body is refused beyond this many bytes. */
export const bodyLimit = 65_536;

export interface BodyLimits {
  readonly timers: Timers;
  /** How long a body may take to arrive. */
  readonly milliseconds: number;
  /** How many may be arriving at once. */
  readonly underWay: number;
}

type ReadBody = (request: Request) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Reads bodies, each within a deadline: thousands that arrive byte by byte would hold memory and
 * connections for as long as their senders like. Where too many are under way, the one that has taken
 * longest gives way, so that slow senders cannot keep out the others.
 *
 * @throws {OAuthError} 408 after the deadline; 413 as soon as there is too much, whatever
 *   Content-Length promised; 503 for a body that gave way
 */
export function bodyReader({ timers, milliseconds, underWay: most }: BodyLimits): ReadBody {
  /** What ends the reading of a body, the oldest first. */
  const underWay = new Set<(error: OAuthError) => void>();

  return async (request) => {
    if (request.body === null) return new Uint8Array();
    const [oldest] = underWay;
    if (underWay.size >= most) oldest?.(gaveWay());
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {}); // it may end between two chunks, when nobody waits for it
    underWay.add(ended.reject);
    const read = new AbortController();
    void timers.sleep(milliseconds, read.signal).then(() => {
      if (!read.signal.aborted) ended.reject(tooSlow(milliseconds));
    });
    const reader = request.body.getReader();
    try {
      return await readAll(() => Promise.race([reader.read(), ended.promise]));
    } catch (error) {
      reader.cancel().catch(() => {}); // the connection may be gone already
      throw error;
    } finally {
      read.abort();
      underWay.delete(ended.reject);
    }
  };
}

/** Of this process: its connections are what is bounded. */
export const readBytes: ReadBody = bodyReader({
  timers: systemTimers,
  milliseconds: 10_000,
  underWay: 1000,
});

async function readAll(
  next: () => Promise<ReadableStreamReadResult<Uint8Array>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await next(); !part.done; part = await next()) {
    length += part.value.length;
    if (length > bodyLimit) {
      throw new OAuthError("invalid_request", `the body is larger than ${bodyLimit} bytes`, {
        status: 413,
      });
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** @see RFC 9110 section 15.5.9 */
function tooSlow(milliseconds: number): OAuthError {
  const description = `the body took longer than ${milliseconds / 1000} seconds to arrive`;
  return new OAuthError("invalid_request", description, {
    status: 408,
    headers: { Connection: "close" },
  });
}

function gaveWay(): OAuthError {
  return new OAuthError(
    "temporarily_unavailable",
    "too many bodies are arriving at once: try again in a few seconds",
    { headers: { Connection: "close", "Retry-After": "3" } },
  );
}
