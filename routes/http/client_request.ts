import type { Context } from "hono";
import type { ClientRequest } from "../../src/callers/caller.ts";
import { presentedCredentials } from "../../src/clients/credentials.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { presentedProof } from "./dpop.ts";
import { readForm } from "./form.ts";

/**
 * A form that a client posts, with what it says of who calls.
 *
 * @param options whether the endpoint takes DPoP proofs; elsewhere one is ignored
 * @throws {OAuthError} `invalid_request`, `invalid_client`
 */
export async function readClientRequest(
  c: Context<AppEnv>,
  deps: Deps,
  options: { readonly proof: boolean },
): Promise<ClientRequest> {
  const form = await readForm(c.req.raw);
  return {
    origin: c.get("origin"),
    form,
    credentials: presentedCredentials(c.req.raw.headers, form),
    proof: options.proof ? presentedProof(c, deps) : null,
  };
}
