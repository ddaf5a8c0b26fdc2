import * as client from "openid-client";
import { issuer, type TestProvider } from "./provider.ts";

/**
 * A relying party that finds everything by discovery and verifies each signature. It reaches the provider
 * without a network, and has its clock.
 */
export async function relyingParty(
  provider: TestProvider,
  clientId: string,
  { authentication = client.ClientSecretPost(`the secret of ${clientId}`), metadata = {} }: {
    readonly authentication?: client.ClientAuth;
    readonly metadata?: Partial<client.ClientMetadata>;
  } = {},
): Promise<client.Configuration> {
  const clockSkew = provider.clock.seconds() - Math.floor(Date.now() / 1000);
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { [client.clockSkew]: clockSkew, ...metadata },
    authentication,
    {
      [client.customFetch]: (url, { body, ...init }) => {
        const { pathname, search } = new URL(url);
        const sent = body instanceof Uint8Array ? body.slice() : body;
        return provider.request(pathname + search, { ...init, body: sent });
      },
    },
  );
  client.enableNonRepudiationChecks(config);
  return config;
}
