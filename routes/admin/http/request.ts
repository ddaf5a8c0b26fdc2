import type { Context } from "hono";
import type { Origin } from "../../../stores/engine/transaction.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import { adminMetadataUrl } from "../../../src/discovery/protected_resource.ts";
import { challengeAlgs } from "../../../src/tokens/dpop_algorithms.ts";
import type { TokenPresentation } from "../../../src/tokens/possession.ts";
import { isTokenScheme, presentedAccessToken } from "../../http/bearer.ts";
import { readBytes } from "../../http/body.ts";
import type { AppEnv } from "../../http/context.ts";
import { presentedProof } from "../../http/dpop.ts";
import { emptyParameters, readQuery } from "../../http/form.ts";
import { certificateOf, incomingOf } from "../../http/incoming.ts";
import { Problem, problemOf } from "../../http/problem.ts";

/** A request of the admin API. Nothing in it is checked yet. */
export interface AdminRequest extends TokenPresentation {
  readonly origin: Origin;
  readonly method: string;
  readonly path: string;
  /** The query as it was sent, with its question mark; empty if there is none. */
  readonly search: string;
  /** The query of an endpoint where none has a meaning; null: the endpoint reads it. */
  readonly meaningless: Query | null;
  readonly body: Body;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly idempotencyKey: string | null;
}

/** The query of a request. Nothing in it is checked yet. */
export interface Query {
  readonly query: Readonly<Record<string, string | string[]>>;
  /** The names of parameters without a value, which `query` lacks. */
  readonly emptyParameters: readonly string[];
}

/** A request to an endpoint that reads its query. */
export interface QueryRequest extends AdminRequest, Query {}

/**
 * The body of a request. Only a caller with access may learn what is wrong with it, so the problem is
 * kept until the content is needed.
 */
export interface Body {
  /** Empty if there is no body. */
  readonly text: string;
  readonly problem: Problem | null;
}

/** A request to an endpoint without a query. */
export async function readRequest(c: Context<AppEnv>, deps: Deps): Promise<AdminRequest> {
  return { ...await readCommon(c, deps), meaningless: readingOf(c) };
}

/** A request to an endpoint that reads its query. */
export async function readQueryRequest(c: Context<AppEnv>, deps: Deps): Promise<QueryRequest> {
  return { ...await readCommon(c, deps), ...readingOf(c), meaningless: null };
}

async function readCommon(
  c: Context<AppEnv>,
  deps: Deps,
): Promise<Omit<AdminRequest, "meaningless">> {
  const { headers, url } = c.req.raw;
  const { pathname: path, search } = new URL(url); // encoded, as in a DPoP proof
  const incoming = incomingOf(c);
  const proof = presentedProof({ ...incoming, path }, deps);
  if (!isTokenScheme(headers.get("authorization"))) {
    const metadata = `resource_metadata="${adminMetadataUrl(deps.config)}"`;
    throw new Problem("invalid_token", "the request carries no access token", {
      headers: {
        "WWW-Authenticate": `Bearer realm="admin", ${metadata}, DPoP ${challengeAlgs}, ${metadata}`,
      },
    });
  }
  return {
    origin: c.get("origin"),
    // From the header only. Without its body the request cannot have a token in a form.
    ...await presentedAccessToken(new Request(url, { headers })),
    proof,
    certificate: await certificateOf(incoming, deps),
    method: c.req.method,
    path,
    search,
    body: await readBody(c),
    ifMatch: c.req.header("if-match") ?? null,
    ifNoneMatch: c.req.header("if-none-match") ?? null,
    idempotencyKey: c.req.method === "POST" ? idempotencyKey(c) : null,
  };
}

function readingOf(c: Context<AppEnv>): Query {
  return { query: readQuery(c.req.raw), emptyParameters: emptyParameters(c.req.raw) };
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
