import type { Context } from "hono";
import * as clients from "../../stores/clients.ts";
import { isWebOrigin } from "../../src/clients/web_origin.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import type { AppEnv } from "./context.ts";
import { type Parameters, single } from "./form.ts";

/** The client that a page claims to belong to. A text that cannot be a client id is not used as a key. */
export function clientIdParameter(parameters: Parameters): string | null {
  const clientId = single(parameters, "client_id");
  return clientId === undefined || clientId.length > 256 ? null : clientId;
}

/**
 * Lets a page of one of the client's `web_origins` read the answer. No other page can read it, because
 * without these headers the browser keeps the answer from the page.
 *
 * @param credentials whether the page's request may have our cookies
 * @returns whether the request comes from such a page, or from one of ours
 * @see the Fetch standard, section 3.3 (CORS protocol)
 */
export async function allowWebOrigin(
  c: Context<AppEnv>,
  deps: Deps,
  clientId: string | null,
  { credentials }: { readonly credentials: boolean },
): Promise<boolean> {
  c.header("Vary", "Origin", { append: true });
  const origin = c.req.header("origin") ?? null;
  if (origin === deps.config.issuer) return true;
  if (origin === null || clientId === null) return false;
  const { client } = await deps.kv.step(
    c.get("origin"),
    (tx) => tx.read({ client: clients.ref(clientId) }),
  );
  if (client.value === null || !isWebOrigin(client.value, origin)) return false;
  c.header("Access-Control-Allow-Origin", origin);
  if (credentials) c.header("Access-Control-Allow-Credentials", "true");
  return true;
}

/** @throws {OAuthError} `invalid_request` unless the page is ours, or belongs to the client */
export async function assertWebOrigin(c: Context<AppEnv>, deps: Deps, clientId: string | null) {
  if (await allowWebOrigin(c, deps, clientId, { credentials: true })) return;
  throw new OAuthError(
    "invalid_request",
    "the origin of this page is not in the web_origins of a client with this client_id",
    { status: 403 },
  );
}
