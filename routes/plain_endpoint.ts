import type { ClientRequest } from "../src/callers/caller.ts";
import type { Deps } from "../src/deps/deps.ts";
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

/** What an endpoint does for a client that its step authenticates. */
type Work = (request: ClientRequest, incoming: Incoming) => Promise<PlainAnswer>;

export interface ClientEndpoint extends Pick<Facts, "cors" | "metadata"> {
  readonly path: string;
  /** Whether the request may carry a DPoP proof. */
  readonly proof: boolean;
  /** Whether a request of strangers leaves a record, so that they share a limit. */
  readonly stores?: boolean;
}

/**
 * An endpoint at which clients authenticate. Work that fails because of wrong credentials counts as a guess.
 *
 * @param load imports the work, before the endpoint's first request at the latest
 */
export function clientEndpoint(
  deps: Deps,
  { path, proof, stores = false, ...facts }: ClientEndpoint,
  load: () => Promise<Work>,
): PlainEndpoint {
  return plainEndpoint(
    {
      path,
      methods: ["POST"],
      kind: "client",
      noStore: true,
      dpopNonce: proof,
      counted: "failures",
      authenticates: "client",
      ...facts,
    },
    loadedLater(async () => {
      const { readClientRequest } = await import("./http/client_request.ts");
      const { withClientLimit } = await import("../src/limits/client_authentication.ts");
      const route = stores ? await import("../src/limits/route.ts") : null;
      const work = await load();
      const answer = async (request: ClientRequest, incoming: Incoming) => {
        if (route !== null) await route.assertMayStore(deps, request, path);
        return await withClientLimit(deps, request, () => work(request, incoming));
      };
      // No async function waits for the body: see `readRepeatableForm`.
      return (incoming) =>
        readClientRequest(incoming, deps, { proof }).then((request) => answer(request, incoming));
    }),
  );
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

/** JSON that is text already. */
export function jsonText(body: string): PlainAnswer {
  return { status: 200, body, headers: noHeaders };
}
