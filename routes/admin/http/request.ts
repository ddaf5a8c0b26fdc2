import type { Context } from "hono";
import type { z } from "zod";
import type { Origin } from "../../../stores/engine/transaction.ts";
import type { AdministratorToken } from "../../../src/admin/administrator.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import { adminMetadataUrl } from "../../../src/discovery/protected_resource.ts";
import { challengeAlgs } from "../../../src/tokens/dpop_algorithms.ts";
import { isTokenScheme, presentedAccessToken } from "../../http/bearer.ts";
import { readBytes } from "../../http/body.ts";
import type { AppEnv } from "../../http/context.ts";
import { presentedProof } from "../../http/dpop.ts";
import { emptyParameters, readQuery } from "../../http/form.ts";
import { certificateOf, incomingOf } from "../../http/incoming.ts";
import { Problem, problemOf } from "../../http/problem.ts";
import { parseQuery } from "./query.ts";
import { type Step, stepsOf } from "./steps.ts";

/** A request of the admin API. Nothing in it is checked yet; what it may do, it does in a `step`. */
export interface AdminRequest<Query = unknown> {
  readonly origin: Origin;
  readonly method: string;
  readonly path: string;
  /** The query as it was sent, with its question mark; empty if there is none. */
  readonly search: string;
  readonly body: Body;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly idempotencyKey: string | null;
  /** Runs a step in the name of the caller. */
  readonly step: Step<Query>;
}

/**
 * The body of a request. Only a caller with access may learn what is wrong with it, so the problem is
 * kept until the content is needed.
 */
export interface Body {
  /** Empty if there is no body. */
  readonly text: string;
  readonly problem: Problem | null;
}

/** @param schema of the query: a caller with access gets 400 for any other */
export async function readRequest<Query>(
  c: Context<AppEnv>,
  deps: Deps,
  schema: z.ZodType<Query>,
): Promise<AdminRequest<Query>> {
  const token = await readToken(c, deps);
  const { pathname: path, search } = new URL(c.req.url);
  const request = {
    origin: token.origin,
    method: c.req.method,
    path,
    search,
    body: await readBody(c),
    ifMatch: c.req.header("if-match") ?? null,
    ifNoneMatch: c.req.header("if-none-match") ?? null,
    idempotencyKey: c.req.method === "POST" ? idempotencyKey(c) : null,
  };
  const query = { query: readQuery(c.req.raw), emptyParameters: emptyParameters(c.req.raw) };
  const how = { ...token, idempotencyKey: request.idempotencyKey };
  return { ...request, step: await stepsOf(deps, how, () => parseQuery(schema, query)) };
}

async function readToken(c: Context<AppEnv>, deps: Deps): Promise<AdministratorToken> {
  const { headers, url } = c.req.raw;
  const incoming = incomingOf(c);
  // The path is encoded, as in a proof.
  const proof = presentedProof({ ...incoming, path: new URL(url).pathname }, deps);
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
