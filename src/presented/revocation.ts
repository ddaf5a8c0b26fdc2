import { z } from "zod";
import * as accessTokens from "../../stores/access_tokens.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import * as grants from "../../stores/grants.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { authenticateClient } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import { accessTokenAddress } from "../tokens/access_token.ts";
import type { IntrospectionRequest } from "./introspection.ts";
import { accessTokenRefs } from "../issuing/live_access_token.ts";
import { parseRefreshToken } from "../tokens/refresh_token.ts";

const parameters = z.object({ token: z.string("is missing").max(8192) });

/**
 * Revokes a client's own token; of a refresh token, the grant with all that it issued. An unknown
 * token, or another client's, is none of its business, and no error.
 *
 * @throws {OAuthError} `invalid_client`
 * @see RFC 7009 section 2
 */
export async function revoke(deps: Deps, request: IntrospectionRequest): Promise<void> {
  const { token } = parseParameters(parameters, request.form);
  const address = await accessTokenAddress(token);
  // Any generation will do: who had one of them may end them all.
  const refreshToken = address ? null : await parseRefreshToken(deps.masterKey, token);
  await deps.kv.step(request.origin, async (tx) => {
    const found = await tx.read({
      client: clients.ref(request.credentials.clientId),
      token: accessTokenRefs(address).token,
      grant: refreshToken && grants.ref(refreshToken.grantId),
    });
    const caller = await authenticateClient(found.client, request.credentials);
    if (found.grant?.value?.clientId === caller.clientId) {
      grants.end(tx, found.grant, "revoked_by_client");
    }
    const held = found.token;
    if (held && held.value !== null && held.value.clientId === caller.clientId) {
      accessTokens.end(tx, held);
      auditEvents.append(tx, {
        type: "token_revoked",
        reason: "revoked_by_client",
        clientId: caller.clientId,
        grantId: held.value.grantId,
      });
    }
  });
}
