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

/** Asks a user who is elsewhere, by the client of a call centre. @param message shown to the user */
export async function askUserElsewhere(
  config: client.Configuration,
  { user, message }: { readonly user: string; readonly message: string },
): Promise<string | undefined> {
  const request = await client.initiateBackchannelAuthentication(config, {
    scope: "openid profile",
    login_hint: user,
    binding_message: message, // show it to the user too, so that they can compare
  });
  const tokens = await client.pollBackchannelAuthenticationGrant(config, request);
  return tokens.claims()?.sub;
}

/** `deno task start` signs in by a code; `deno task ask robin "Transfer 4711"` asks a user. */
if (import.meta.main) {
  const issuer = new URL(Deno.env.get("ISSUER") ?? "http://localhost:8000");
  const options = issuer.protocol === "http:" ? { execute: [client.allowInsecureRequests] } : {};
  const [user, message = ""] = Deno.args;
  if (user === undefined) {
    const id = "example-command-line";
    const config = await client.discovery(issuer, id, undefined, client.None(), options);
    console.log(`Signed in as ${await signInOnAnotherDevice(config, console.log)}`);
  } else {
    const id = "example-call-centre";
    const secret = Deno.env.get("CLIENT_SECRET") ?? `development-only-secret-of-${id}`;
    const config = await client.discovery(issuer, id, secret, undefined, options);
    console.log(`Waiting until ${user} answers at ${new URL("/account/requests", issuer)}`);
    console.log(`Allowed by ${await askUserElsewhere(config, { user, message })}`);
  }
}
