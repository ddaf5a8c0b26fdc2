import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { keptSecretOf } from "../clients/kept_secret.ts";
import { clientOf } from "../clients/metadata.ts";
import { unusedLifetime } from "../clients/registration_lifetime.ts";
import { digest } from "../crypto/digest.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { assertOwnKeys } from "../keys/assert_own_keys.ts";
import type { JsonObject } from "../protocol/json_entry.ts";
import { takeInitialAccess } from "./initial_access.ts";
import { strangersStep } from "./sector.ts";
import { registrationResponse } from "./response.ts";
import { vouchedMetadata } from "./software_statement.ts";
import { strangerMetadata } from "./stranger_metadata.ts";

/**
 * Registers a client as it asks for it. Its id and its secret are made here.
 *
 * @param request `token`: the initial access token; null if there is none
 * @returns the registration, with a token to manage it
 * @throws {OAuthError} `invalid_token`, `invalid_redirect_uri`, `invalid_client_metadata`,
 *   `invalid_software_statement`, `unapproved_software_statement`
 * @see RFC 7591 section 3
 */
export async function registerClient(
  deps: Deps,
  { origin, metadata: sent, token }: {
    readonly origin: Origin;
    readonly metadata: JsonObject;
    readonly token: string | null;
  },
): Promise<Record<string, unknown>> {
  const given = { clientId: randomId(deps.random), secret: randomSecret(deps.random) };
  const accessToken = randomSecret(deps.random);
  const accessTokenDigest = await digest(accessToken);
  return await strangersStep(deps, origin, async (tx, assertSector) => {
    const initialTokenId = await takeInitialAccess(deps, tx, token, given.clientId);
    const { metadata: asked, vouched, statement } = await vouchedMetadata(deps, tx, sent);
    const metadata = strangerMetadata(deps.config, asked, { ...given, vouched });
    const kept = await keptSecretOf(deps.masterKey, metadata);
    const client = {
      ...clientOf(metadata, kept, tx.now),
      registration: { accessTokenDigest, previousDigest: null, superseded: null },
      expiresAt: tx.now + unusedLifetime,
    };
    assertSector(client);
    await assertOwnKeys(tx, client);
    clients.create(tx, client);
    auditEvents.append(tx, {
      type: "client_registered",
      clientId: client.clientId,
      // If the token has leaked, these are the clients to look at.
      ...(initialTokenId === null ? {} : { about: initialTokenId }),
    });
    const secret = metadata.client_secret ?? null;
    return registrationResponse(deps.config, client, { accessToken, secret, statement });
  });
}
