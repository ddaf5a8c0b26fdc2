import type { Context } from "hono";
import type { Origin } from "../../stores/engine/transaction.ts";
import type { AppEnv } from "./context.ts";

/** A request with its id, for the endpoints for programs. */
export interface Incoming {
  readonly request: Request;
  /** The decoded path, as in its declaration. */
  readonly path: string;
  readonly origin: Origin & { readonly requestId: string };
}

/** The request of an endpoint that shares the app of the pages. */
export function incomingOf(c: Context<AppEnv>): Incoming {
  return { request: c.req.raw, path: c.req.path, origin: c.get("origin") };
}
