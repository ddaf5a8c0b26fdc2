import { systemTimers, type Timers } from "../../stores/engine/kv.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { waitingLine } from "./waiting_line.ts";

/** The largest body that is accepted, in bytes. */
const bodyLimit = 65_536;

export interface BodyLimits {
  readonly timers: Timers;
  /** The longest time for a body to arrive. */
  readonly milliseconds: number;
  /** A body that takes longer than this is slow. */
  readonly slowAfter: number;
  /** The number of arriving bodies above which slow ones are ended, and further ones wait. */
  readonly underWay: number;
  /** The number of waiting bodies above which the oldest one is refused. */
  readonly waiting: number;
}

const partsOfWait = 10;
/** A busy time may hide in a part what has arrived, so one part alone says nothing about a sender. */
const fewestParts = 2;
/** The number of arriving bodies above which each is read in pieces. */
const readAtOnce = 16;
/** Bytes of a piece. */
const piece = 1024;

type ReadBody = (request: Request) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Reads bodies, each within a deadline. Without one, thousands of bodies that arrive byte by byte would
 * hold memory and connections for as long as their senders want. If too many bodies are arriving, the
 * oldest slow one is ended, so that slow senders cannot keep out the others, and the newest is read next. A
 * burst of quick ones passes.
 *
 * @throws {OAuthError} 400 if the connection ends before; 408 after the deadline; 413 as soon as there is
 *   too much, whatever Content-Length promised; 503 for a body that was ended
 * @throws {Error} if the body was read before, which is a bug of this server
 */
export function bodyReader(
  { timers, milliseconds, slowAfter, underWay: most, waiting }: BodyLimits,
): ReadBody {
  let underWay = 0;
  const part = slowAfter / partsOfWait;
  const parts = milliseconds / part;
  /** Bodies whose reading has not begun. */
  const line = waitingLine({ timers, part, parts, most: waiting, refusal: gaveWay });
  /** Functions that end the reading of a slow body, the oldest first. */
  const slow = new Set<(error: OAuthError) => void>();

  return (request) => {
    // Reading takes a buffer of the whole body at once, so it does not begin for any number of bodies.
    if (underWay >= most) return turn().then((waited) => readNow(request, waited));
    underWay++;
    return readNow(request, 0);
  };

  async function readNow(request: Request, waited: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readBody(request, waited);
    } finally {
      if (!line.admit()) underWay--;
    }
  }

  /** Waits until another body is read or gives way. */
  function turn(): Promise<number> {
    const [slowest] = slow;
    slowest?.(gaveWay);
    return line.wait();
  }

  async function readBody(request: Request, waited: number): Promise<Uint8Array<ArrayBuffer>> {
    if (request.bodyUsed) throw new Error("the body was read before");
    if (underWay <= readAtOnce && hasFittingLength(request)) {
      const read = request.bytes().catch(brokenOff);
      if (await isThereAlready(read)) return await read;
      return await inTime((ended) => Promise.race([read, ended]), waited);
    }
    if (request.body === null) return new Uint8Array();
    const reader = readerInPieces(request.body);
    try {
      // One race for all parts: `ended` keeps what each race with it led to, so one a part would keep all parts.
      const read = readAll(reader);
      return await inTime((ended) => Promise.race([read, ended]), waited);
    } catch (error) {
      reader.cancel().catch(() => {}); // the connection may be gone already
      throw error;
    }
  }

  /** Runs a read of a body that is still arriving. @param read gets the promise that ends it */
  async function inTime<T>(
    read: (ended: Promise<never>) => Promise<T>,
    waited: number,
  ): Promise<T> {
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {}); // it may be ended between two chunks, when nothing waits for it
    const arrived = new AbortController();
    void watch(ended.reject, arrived.signal, waited);
    try {
      return await read(ended.promise);
    } finally {
      arrived.abort();
      slow.delete(ended.reject);
    }
  }

  /** @param waited the parts that the body had for arriving before its turn */
  async function watch(end: (error: OAuthError) => void, read: AbortSignal, waited: number) {
    const left = Math.max(partsOfWait - waited, fewestParts);
    for (let n = 1; n <= left; n++) {
      await timers.sleep(part, read);
      if (read.aborted) return;
      // Nothing but an attack lets as many wait as are read.
      if (n >= fewestParts && line.length >= most) return end(gaveWay);
    }
    if (line.length > 0) return end(gaveWay);
    slow.add(end);
    await patiently(milliseconds - slowAfter, read);
    if (!read.aborted) end(tooSlow(milliseconds));
  }

  /**
   * Waits in parts. While this process is busy, for example with passwords, it reads nothing, and then all
   * timers that are due come before what has arrived. So a busy time of any length counts as one part only:
   * the sender is not slow, this process is.
   */
  async function patiently(milliseconds: number, done: AbortSignal) {
    for (let n = 0; n < partsOfWait && !done.aborted; n++) {
      await timers.sleep(milliseconds / partsOfWait, done);
    }
  }
}

/** For a body that gave way. One for all: thousands may be refused within a second. */
const gaveWay: OAuthError = Object.freeze(
  new OAuthError(
    "temporarily_unavailable",
    "too many bodies are arriving at once: try again in a few seconds",
    { headers: { Connection: "close", "Retry-After": "3" } },
  ),
);

/** One for the process, whose connections are limited. */
export const readBytes: ReadBody = bodyReader({
  timers: systemTimers,
  milliseconds: 10_000,
  slowAfter: 1000,
  underWay: 50,
  waiting: 1000,
});

/**
 * Whether the client promised a length within the limit. The server accepts no more than was promised.
 */
function hasFittingLength({ headers }: Request): boolean {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,5}$/.test(length) && Number(length) <= bodyLimit;
}

/**
 * Whether a body came together with the headers of its request, as most do. Then it is available after
 * a few microtasks and needs no deadline. A timer would cost more than the rest of the reading.
 */
async function isThereAlready(read: Promise<unknown>): Promise<boolean> {
  let isThere = false;
  const note = () => void (isThere = true);
  read.then(note, note);
  for (let turns = 0; turns < 8 && !isThere; turns++) await null;
  return isThere;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(): Promise<void>;
}

/** Deno itself takes 145 KB, and keeps it with the connection even after the request is answered. */
function readerInPieces(body: ReadableStream<Uint8Array>): Reader {
  try {
    const reader = body.getReader({ mode: "byob" });
    return { read: () => reader.read(new Uint8Array(piece)), cancel: () => reader.cancel() };
  } catch (error) {
    if (body.locked) throw error;
    return body.getReader(); // no stream of bytes: its chunks are in memory already
  }
}

async function readAll(reader: Reader): Promise<Uint8Array<ArrayBuffer>> {
  const { receivedBytes } = await import("../../src/protocol/received_bytes.ts");
  const received = receivedBytes(bodyLimit);
  const next = () => reader.read().catch(brokenOff);
  for (let part = await next(); !part.done && part.value; part = await next()) {
    if (!received.add(part.value)) {
      throw new OAuthError("invalid_request", `the body is larger than ${bodyLimit} bytes`, {
        status: 413,
      });
    }
  }
  return received.all();
}

/** The client went away, or broke the framing: no failure of this server, and nobody reads the answer. */
function brokenOff(cause: unknown): never {
  throw new OAuthError("invalid_request", "the body ended before it was complete", { cause });
}

/** @see RFC 9110 section 15.5.9 */
function tooSlow(milliseconds: number): OAuthError {
  const description = `the body took longer than ${milliseconds / 1000} seconds to arrive`;
  return new OAuthError("invalid_request", description, {
    status: 408,
    headers: { Connection: "close" },
  });
}
