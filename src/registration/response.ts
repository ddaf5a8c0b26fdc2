import type { Client } from "../../stores/clients.ts";
import { usesSecret } from "../clients/kept_secret.ts";
import { metadataOf } from "../clients/metadata.ts";
import { configurationPath } from "./configuration_path.ts";
import type { Config } from "../config/config.ts";

/**
 * A registration as its client sees it.
 *
 * @param shown `secret`: null if the client knows it already, or has none; `statement`: that of the request
 * @see RFC 7591 section 3.2.1, RFC 7592 section 3
 */
export function registrationResponse(
  { issuer }: Pick<Config, "issuer">,
  client: Client,
  shown: {
    readonly accessToken: string;
    readonly secret?: string | null;
    readonly statement?: string | null;
  },
): Record<string, unknown> {
  const { accessToken, secret = null, statement = null } = shown;
  const { clientId, createdAt, tokenEndpointAuthMethod } = client;
  // 0: the secret never expires by itself.
  const expiry = usesSecret(tokenEndpointAuthMethod) ? { client_secret_expires_at: 0 } : {};
  return {
    ...metadataOf(client),
    client_id_issued_at: createdAt,
    ...(secret === null ? {} : { client_secret: secret }),
    ...expiry,
    registration_access_token: accessToken,
    registration_client_uri: `${issuer}${configurationPath}?${new URLSearchParams({
      client_id: clientId,
    })}`,
    ...(statement === null ? {} : { software_statement: statement }),
  };
}
