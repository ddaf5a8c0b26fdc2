import { z } from "zod";
import * as accessTokens from "../../stores/access_tokens.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as grants from "../../stores/grants.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { clientStep } from "../callers/client_step.ts";
import { type ClientRequest, preparedCall, readCaller, spendProofs } from "../callers/caller.ts";
import type { Deps } from "../deps/deps.ts";
import { accessTokenAddress } from "../tokens/access_token.ts";
import { accessTokenRefs } from "../issuing/live_access_token.ts";
import { parseRefreshToken } from "../tokens/refresh_token.ts";

const parameters = z.object({ token: z.string("is missing") });

/**
 * Revokes a client's own token. A refresh token ends its grant with everything that the grant issued. A
 * token that is unknown or belongs to another client is ignored without an error.
 *
 * @throws {OAuthError} `invalid_client`
 * @see RFC 7009 section 2
 */
export async function revoke(deps: Deps, request: ClientRequest): Promise<void> {
  const { token } = parseParameters(parameters, request.form);
  const address = accessTokenAddress(token);
  // Any generation is accepted: a client that had one of them may end all of them.
  const refreshToken = address ? null : await parseRefreshToken(deps.masterKey, token);
  const call = await preparedCall(deps, request);
  await clientStep(deps, call, async (tx) => {
    const { caller, ...found } = await readCaller(deps, tx, call, {
      token: accessTokenRefs(address).token,
      grant: refreshToken && grants.ref(refreshToken.grantId),
    });
    await spendProofs(tx, caller);
    const { clientId } = caller.client;
    if (found.grant?.value?.clientId === clientId) {
      grants.end(tx, found.grant, "revoked_by_client");
    }
    const held = found.token;
    if (held && held.value !== null && held.value.clientId === clientId) {
      accessTokens.end(tx, held);
      auditEvents.append(tx, {
        type: "token_revoked",
        reason: "revoked_by_client",
        clientId,
        grantId: held.value.grantId,
      });
    }
  });
}
