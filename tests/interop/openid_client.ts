import { assertRejects } from "@std/assert";
import * as client from "openid-client";
import type { Landing } from "../support/browser.ts";
import { allow, type Journey, signIn } from "./journey.ts";

/** Configures a relying party by discovery. It verifies the signature of each ID token. */
export async function discovered(
  journey: Journey,
  clientId: string,
  authentication: client.ClientAuth,
  metadata: Partial<client.ClientMetadata> = {},
): Promise<client.Configuration> {
  const config = await client.discovery(
    new URL(journey.issuer),
    clientId,
    metadata,
    authentication,
    { execute: [client.allowInsecureRequests] },
  );
  client.enableNonRepudiationChecks(config);
  // It leaves the empty body of a revocation's answer unread, where Deno 2.5 counts that as a leak.
  config[client.customFetch] = async (url, options) => {
    const { body, ...init } = options;
    const sent = body instanceof Uint8Array ? body.slice() : body;
    const answer = await fetch(url, { ...init, body: sent });
    return new Response(await answer.arrayBuffer(), answer);
  };
  return config;
}

/** The first redirect of an authorization request. */
export function open(
  { browser }: Journey,
  config: client.Configuration,
  parameters: Record<string, string>,
) {
  return browser.open(client.buildAuthorizationUrl(config, parameters).href);
}

export async function signedIn(journey: Journey, landing: Landing): Promise<Landing> {
  return await allow(journey.browser, await signIn(journey.browser, landing));
}

/** The error code of a refusal. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => work, client.ResponseBodyError)).error;
}
