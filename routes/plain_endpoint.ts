import { later } from "../src/deps/later.ts";
import { type Declaration, declare, type Facts, type Method } from "./declaration.ts";
import type { Incoming } from "./http/incoming.ts";

/** An answer before it has the headers that every answer of its endpoint has. */
export interface PlainAnswer {
  readonly status: number;
  /** JSON unless `Content-Type` is among the headers; or nothing. */
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * An endpoint that programs call. It gets the request and returns a plain answer, so that its response
 * is made once, with all of its headers.
 */
export interface PlainEndpoint extends Declaration {
  readonly answer: Handler;
}

/** Answers one request of an endpoint. */
export interface Handler {
  (incoming: Incoming): Promise<PlainAnswer>;
  /** Loads its code before its first request does. Absent: it is loaded. */
  load?(): Promise<void>;
}

/**
 * A handler whose code is not loaded before the server listens: a process answers for its documents and
 * its health sooner. Its first request waits until it is loaded, and so does `load`.
 */
export function loadedLater(load: () => Promise<Handler>): Handler {
  const handler = later(load);
  return Object.assign((incoming: Incoming) => handler.use((one) => one(incoming)), {
    async load() {
      await handler.load();
    },
  });
}

/** One endpoint for programs: its facts, and its handler. */
export function plainEndpoint(
  { path, methods, ...facts }: Facts & {
    readonly kind: "client" | "resource";
    readonly path: string;
    readonly methods: readonly Method[];
  },
  answer: Handler,
): PlainEndpoint {
  return { ...declare(path, methods, facts), answer };
}

const noHeaders = {};

/** A JWT as the whole body. */
export function jwt(body: string, type: string): PlainAnswer {
  return { status: 200, body, headers: { "Content-Type": type } };
}

export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = noHeaders,
): PlainAnswer {
  return { status, body: JSON.stringify(value), headers };
}
