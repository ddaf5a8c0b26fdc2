import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as client from "openid-client";
import { askUserElsewhere, signInOnAnotherDevice } from "../../examples/command_line/main.ts";
import { aCallCentre, answerBackchannel } from "../support/backchannel.ts";
import { sentMails } from "../support/mails.ts";
import { answerDevice, aTelevision, aTool } from "../support/devices.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { publicSubjects } from "../../src/claims/subject.ts";

/** Sends to the provider, and does not wait between polls. */
function hurrying(provider: TestProvider): client.CustomFetch {
  return async (url, { body, ...init }) => {
    const { pathname, search } = new URL(url);
    const sent = body instanceof Uint8Array ? body.slice() : body;
    const answer = await provider.request(pathname + search, { ...init, body: sent });
    if (pathname === "/token") provider.clock.advance(5);
    const text = (await answer.text()).replace('"interval":5', '"interval":0.01');
    return new Response(text, answer);
  };
}

/** The client's clock is the provider's. */
function clockOf(provider: TestProvider) {
  return { [client.clockSkew]: provider.clock.seconds() - Math.floor(Date.now() / 1000) };
}

Deno.test("the command line of the examples signs in by a code, with openid-client", async () => {
  await using provider = await aProvider({ clients: [aTool("tool")] });
  const config = await client.discovery(new URL(issuer), "tool", clockOf(provider), client.None(), {
    [client.customFetch]: hurrying(provider),
  });
  const lines: string[] = [];
  const signedIn = signInOnAnotherDevice(config, (line) => lines.push(line));
  while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assertMatch(lines[0] ?? "", /[█▄▀]/);
  const [, code = ""] = /\/device and type ([A-Z-]{9})$/.exec(lines[1] ?? "") ?? [];
  await answerDevice(provider.browser(), code);
  assertEquals(await signedIn, publicSubjects((await provider.userOf("alice")).userId));
});

Deno.test("openid-client tells a device that its user has refused", async () => {
  await using provider = await aProvider({ clients: [aTelevision()] });
  const config = await client.discovery(
    new URL(issuer),
    "tv",
    clockOf(provider),
    client.ClientSecretPost("the secret of tv"),
    { [client.customFetch]: hurrying(provider) },
  );
  const browser = provider.browser();
  const denied = await client.initiateDeviceAuthorization(config, { scope: "openid" });
  await answerDevice(browser, denied.user_code, "deny");
  const refusal = await assertRejects(
    () => client.pollDeviceAuthorizationGrant(config, denied),
    client.ResponseBodyError,
  );
  assertEquals(refusal.error, "access_denied");
});

Deno.test("the example asks a user who is elsewhere, with openid-client", async () => {
  await using provider = await aProvider({ clients: [aCallCentre()] });
  const config = await client.discovery(
    new URL(issuer),
    "bank",
    clockOf(provider),
    client.ClientSecretPost("the secret of bank"),
    { [client.customFetch]: hurrying(provider) },
  );
  const asked = askUserElsewhere(config, { user: "alice", message: "Transfer 4711" });
  while ((await sentMails(provider)).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await answerBackchannel(provider);
  const { userId } = await provider.userOf("alice");
  assertEquals(await asked, userId);

  const refused = askUserElsewhere(config, { user: "alice", message: "Transfer 4712" });
  const refusal = assertRejects(() => refused, client.ResponseBodyError);
  while (!(await sentMails(provider))[0]?.text.includes("4712")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await answerBackchannel(provider, "deny");
  assertEquals((await refusal).error, "access_denied");
});
