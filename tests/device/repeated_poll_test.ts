import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  aCallCentre,
  answerBackchannel,
  beginBackchannel,
  pollBackchannel,
} from "../support/backchannel.ts";
import { answerDevice, aTelevision, aTool, beginDevice, poll } from "../support/devices.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf, introspect, tokensOf } from "../support/tokens.ts";

const grace = { refresh_token_grace_period: 10 };
const scope = "openid offline_access";

const kinds: Record<
  string,
  (provider: TestProvider) => Promise<{
    readonly client: string;
    readonly event: string;
    again(parameters?: Record<string, string>): Promise<Response>;
  }>
> = {
  "a device": async (provider) => {
    const { device_code, user_code } = await beginDevice(provider, "tv", { scope });
    await answerDevice(provider.browser(), user_code);
    const again = (parameters = {}) => poll(provider, device_code, "tv", parameters);
    return { client: "tv", event: "device_code_exchanged", again };
  },
  "a client of CIBA": async (provider) => {
    const { auth_req_id } = await beginBackchannel(provider, { scope });
    await answerBackchannel(provider);
    const again = (parameters = {}) => pollBackchannel(provider, auth_req_id, "bank", parameters);
    return { client: "bank", event: "auth_req_id_exchanged", again };
  },
};

for (const [who, begin] of Object.entries(kinds)) {
  const aServer = () =>
    aProvider({ clients: [aTelevision("tv", grace), aCallCentre("bank", grace)] });

  Deno.test(`of ${who} that polls twice at the same moment, both polls get the same tokens, and one exchange is noted`, async () => {
    await using provider = await aServer();
    const { client, event, again } = await begin(provider);
    const answers = await Promise.all(Array.from({ length: 8 }, () => again().then(tokensOf)));
    const [first, ...others] = answers;
    for (const other of others) assertEquals(other, first);
    assertEquals((await introspect(provider, first!.access_token, client)).active, true);
    const noted = (await auditTrail(provider)).filter(({ type }) => type === event);
    assertEquals(noted.length, 1);
    assertEquals((await provider.refresh(first!.refresh_token, { client })).status, 200);
  });

  Deno.test(`${who} that lost its answer polls after the interval and gets it, and later the grant ends`, async () => {
    await using provider = await aServer();
    const { client, again } = await begin(provider);
    const lost = await tokensOf(await again());
    provider.clock.advance(14);
    assertEquals(await tokensOf(await again()), lost);
    provider.clock.advance(1);
    assertEquals(await answerOf(await again()), "400 invalid_grant");
    assertEquals((await introspect(provider, lost.access_token, client)).active, false);
  });

  Deno.test(`a poll of ${who} for something else is no repeat, and what has ended is not repeated`, async () => {
    await using provider = await aServer();
    const asked = await begin(provider);
    const first = await tokensOf(await asked.again());
    const other = await asked.again({ resource: "https://api.example" });
    assertEquals(await answerOf(other), "400 invalid_grant");
    assertEquals((await introspect(provider, first.access_token, asked.client)).active, false);
    assertEquals(await answerOf(await asked.again()), "400 invalid_grant");
  });
}

Deno.test("a repeated poll needs the key of the first one, with a proof of its own", async () => {
  await using provider = await aProvider({ clients: [aTool("cli", grace)] });
  const [own, other] = [await aDpopKey(provider), await aDpopKey(provider)];
  const { device_code, user_code } = await beginDevice(provider, "cli", { scope });
  await answerDevice(provider.browser(), user_code);
  const answer = async (dpop: string) => await poll(provider, device_code, "cli", {}, { dpop });
  const proof = await own.proof({ path: "/token" });
  const tokens = await tokensOf(await answer(proof));
  assertEquals(await answerOf(await answer(proof)), "400 invalid_dpop_proof");
  const next = await own.proof({ path: "/token" });
  assertEquals(await tokensOf(await answer(next)), tokens);
  assertEquals(await answerOf(await answer(next)), "400 invalid_dpop_proof");
  const thief = await other.proof({ path: "/token" });
  assertEquals(await answerOf(await answer(thief)), "400 invalid_grant");
  assertEquals(
    await answerOf(await answer(await own.proof({ path: "/token" }))),
    "400 invalid_grant",
  );
});

Deno.test("what is kept for repeats holds no token that a reader of the store could use", async () => {
  await using provider = await aProvider({ clients: [aTelevision("tv", grace)] });
  const { device_code, user_code } = await beginDevice(provider, "tv", { scope });
  await answerDevice(provider.browser(), user_code);
  const { access_token, refresh_token } = await tokensOf(await poll(provider, device_code));
  await provider.deps.kv.memory?.close(); // stores what is only in memory
  const { entries } = await provider.backend.list({ prefix: [] }, { limit: 500 });
  const stored = JSON.stringify(entries);
  assertStringIncludes(stored, "sealedResponse");
  for (const secret of [access_token, refresh_token, device_code]) {
    assertEquals(stored.includes(secret.split(".").at(-1) ?? secret), false);
  }
});
