import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { robin, started } from "./started.ts";

Deno.test("better-auth signs a user in, refreshes tokens, and signs out at Latchkey too", async () => {
  await using example = await started("better_auth", "BETTER_AUTH_URL");
  const { app, latchkey } = example.browser();
  const request = async () => (await app.submit(await app.open("/"), {})).url.href;
  const answer = async (response: Response) => {
    assertEquals(response.status, 200);
    return await response.json();
  };

  const callback = await latchkey.signInAndAllow(await request(), robin);
  const home = await app.open(callback.href);
  assertEquals(home.url.href, `${example.origin}/`);
  assertStringIncludes(home.body, "Signed in as Robin Example.");
  const { user } = await answer(await app.send("/api/auth/get-session"));
  assertEquals([user.email, user.emailVerified], ["robin@example.com", true]);

  const [account] = await answer(await app.send("/api/auth/list-accounts"));
  const tokens = async (endpoint: string) =>
    await answer(
      await app.send(`/api/auth/${endpoint}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ accountId: account.id }),
      }),
    );
  const first = await tokens("get-access-token");
  const second = await tokens("refresh-token");
  const third = await tokens("refresh-token");
  assertNotEquals(second.accessToken, first.accessToken);
  assertNotEquals(third.accessToken, second.accessToken);
  assert(new Date(third.accessTokenExpiresAt) > new Date());
  assertEquals((await tokens("get-access-token")).accessToken, third.accessToken);

  const signOut = await app.submit(home, {});
  assertEquals((await latchkey.open(signOut.url.href)).url.href, `${example.origin}/`);
  assertStringIncludes((await app.open("/")).body, "Nobody is signed in");
  assertEquals((await latchkey.open(await request())).url.pathname, "/login");
});
