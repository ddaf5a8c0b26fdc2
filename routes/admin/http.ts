import type { Context } from "hono";
import type { AdminRequest, Answer, Body } from "../../src/admin/admin_request.ts";
import { Problem, problemOf } from "../../src/admin/problem.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { dpopAlgorithms } from "../../src/tokens/dpop.ts";
import type { Facts } from "../declaration.ts";
import { type Endpoints, endpoints } from "../endpoint.ts";
import { presentedAccessToken } from "../http/bearer.ts";
import type { AppEnv } from "../http/context.ts";
import { presentedProof } from "../http/dpop.ts";
import { readBytes } from "../http/body.ts";
import { readQuery } from "../http/form.ts";

/** What is true of the whole admin API. */
export const apiFacts: Facts = { kind: "api", noStore: true, dpopNonce: true };

/** Begins a list of endpoints of the admin API. */
export function apiEndpoints(): Endpoints {
  return endpoints(apiFacts, "/api/v1");
}

/** Answers a request of the admin API. */
export type Endpoint = (deps: Deps, request: AdminRequest, id: string) => Promise<Answer>;

/** Makes a handler of an endpoint. What it is about is the path's `:id`. */
export function answered(deps: Deps, endpoint: Endpoint) {
  return async (c: Context<AppEnv>) => {
    const request = await readRequest(c, deps);
    const { status, body, headers } = await endpoint(deps, request, c.req.param("id") ?? "");
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    return body === null ? c.body(null, status) : c.json(body, status);
  };
}

export async function readRequest(c: Context<AppEnv>, deps: Deps): Promise<AdminRequest> {
  const { headers, url } = c.req.raw;
  const { pathname: path } = new URL(url); // encoded, as a DPoP proof names it
  const proof = presentedProof(c, deps);
  // Who sent nothing is told how to, and no error (RFC 6750 section 3.1).
  if (!headers.has("authorization")) {
    throw new Problem("invalid_token", "the request carries no access token", {
      headers: {
        "WWW-Authenticate": `Bearer realm="admin", DPoP algs="${dpopAlgorithms.join(" ")}"`,
      },
    });
  }
  return {
    origin: c.get("origin"),
    // Only from the header: without its body the request can have no token in a form.
    ...await presentedAccessToken(new Request(url, { headers })),
    proof: proof && { ...proof, url: deps.config.issuer + path },
    method: c.req.method,
    path,
    query: readQuery(c.req.raw),
    body: await readBody(c),
    ifMatch: c.req.header("if-match") ?? null,
    ifNoneMatch: c.req.header("if-none-match") ?? null,
    idempotencyKey: c.req.method === "POST" ? idempotencyKey(c) : null,
  };
}

/** @see draft-ietf-httpapi-idempotency-key-header-07 section 2.1 */
function idempotencyKey(c: Context<AppEnv>): string | null {
  const key = c.req.header("idempotency-key");
  if (key === undefined || /^[\x21-\x7e]{1,256}$/.test(key)) return key ?? null;
  throw new Problem("invalid_request", "Idempotency-Key must be 1 to 256 printable characters");
}

const jsonTypes = ["application/json", "application/merge-patch+json"];

async function readBody(c: Context<AppEnv>): Promise<Body> {
  try {
    const text = decoded(await readBytes(c.req.raw));
    const [type = ""] = (c.req.header("content-type") ?? "").split(";");
    const isJson = jsonTypes.includes(type.trim().toLowerCase());
    const wrongType = new Problem(
      "unsupported_media_type",
      "the content type must be application/json",
      { headers: c.req.method === "PATCH" ? { "Accept-Patch": jsonTypes.join(", ") } : {} },
    );
    return { text, problem: text === "" || isJson ? null : wrongType };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { text: "", problem: problemOf(error) };
  }
}

function decoded(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem("invalid_request", "the body is not UTF-8", { cause });
  }
}
