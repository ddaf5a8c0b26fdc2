import * as client from "openid-client";
import { renderUnicodeCompact } from "uqr";

/** Signs the user in on another device, such as a phone. @param say shows a line to the user */
export async function signInOnAnotherDevice(
  config: client.Configuration,
  say: (line: string) => void,
): Promise<string | undefined> {
  const scope = "openid profile offline_access";
  const device = await client.initiateDeviceAuthorization(config, { scope });
  const { user_code, verification_uri, verification_uri_complete = verification_uri } = device;
  say(renderUnicodeCompact(verification_uri_complete));
  say(`Scan this, or open ${verification_uri} and type ${user_code}`);
  const tokens = await client.pollDeviceAuthorizationGrant(config, device);
  return tokens.claims()?.sub;
}

if (import.meta.main) {
  const issuer = new URL(Deno.env.get("ISSUER") ?? "http://localhost:8000");
  const config = await client.discovery(
    issuer,
    "example-command-line",
    undefined,
    client.None(),
    issuer.protocol === "http:" ? { execute: [client.allowInsecureRequests] } : {},
  );
  console.log(`Signed in as ${await signInOnAnotherDevice(config, console.log)}`);
}
