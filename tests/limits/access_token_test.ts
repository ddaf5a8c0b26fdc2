import { assertEquals } from "@std/assert";
import { defaultConfig } from "../support/config.ts";
import { testOnFile } from "../support/denokv.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, signIn, userinfo } from "../support/tokens.ts";
import { atOnce, countByStatus } from "./limiter.ts";

Deno.test("userinfo answers any number of requests with valid access tokens from one address", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  const { access_token } = await signIn(provider);
  const responses = await atOnce(310, () => userinfo(provider, access_token));
  assertEquals(countByStatus(responses), { 200: 310 });
  assertEquals(responses[0]?.headers.get("ratelimit"), null);
});

Deno.test("after too many failed access tokens an address gets 429 from userinfo, but no other address does", async () => {
  const limits = { ...defaultConfig.limits, accessToken: { count: 3, seconds: 60 } };
  await using provider = await aProvider({ config: { rateLimits: true, limits } });
  const { access_token } = await signIn(provider);
  for (const authorization of ["Bearer made-up", "Basic made-up", "DPoP made-up"]) {
    const headers = { authorization };
    assertEquals((await provider.request("/userinfo", { headers })).status, 401);
  }
  // An idle process forgets records, and never what an address has used of its limit.
  for (let n = 0; n < 2; n++) provider.backend.memory?.tidy();

  const refused = await userinfo(provider, access_token);
  assertEquals(refused.headers.get("retry-after"), "60");
  assertEquals(refused.headers.get("ratelimit"), `"access-token";r=0;t=60`);
  assertEquals(refused.headers.get("www-authenticate"), null);
  assertEquals(await answerOf(refused), "429 temporarily_unavailable");
  const elsewhere = await provider.request("/userinfo", {
    address: "198.51.100.1",
    headers: { authorization: `Bearer ${access_token}` },
  });
  assertEquals(elsewhere.status, 200);

  provider.clock.advance(60);
  assertEquals((await userinfo(provider, access_token)).status, 200);
});

testOnFile(
  "where no access token has failed, the limit costs userinfo no step, and a token that was seen before none at all",
  async () => {
    let steps = 0;
    await using provider = await aProvider({
      config: { rateLimits: true },
      observer: {
        step(run) {
          steps++;
          return run();
        },
      },
    });
    await userinfo(provider, (await signIn(provider)).access_token); // reads the records of the limit
    const { access_token } = await signIn(provider);
    steps = 0;
    for (let n = 1; n <= 20; n++) {
      assertEquals((await userinfo(provider, access_token)).status, 200);
      assertEquals(steps, 1);
    }
  },
);

Deno.test("one address can have any number of session tokens verified, because only failures count", async () => {
  await using provider = await aProvider({ config: { rateLimits: true } });
  const verify = (secret: string) =>
    provider.post("/session/token/verify", {
      ...provider.credentials(),
      client_secret: secret,
      token: "made-up",
    });
  const { client_secret = "" } = provider.credentials();
  const responses = await atOnce(310, () => verify(client_secret));
  assertEquals(responses.filter(({ status }) => status === 429).length, 0);
  for (let guess = 0; guess < 10; guess++) assertEquals((await verify("wrong")).status, 401);
  assertEquals((await verify(client_secret)).status, 429);
});
