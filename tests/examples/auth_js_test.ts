import { assertEquals, assertStringIncludes } from "@std/assert";
import { robin, started } from "./started.ts";

Deno.test("Auth.js signs a user in, shows who it is, and signs out at Latchkey too", async () => {
  await using example = await started("auth_js", "AUTH_URL");
  const { app, latchkey } = example.browser();
  const request = async () => (await app.submit(await app.open("/auth/signin"), {})).url.href;

  const callback = await latchkey.signInAndAllow(await request(), robin);
  const home = await app.open(callback.href);
  assertEquals(home.url.href, `${example.origin}/`);
  assertStringIncludes(home.body, "Signed in as Robin Example.");
  const session = await (await app.send("/auth/session")).json();
  assertEquals(session.user, { name: "Robin Example", email: "robin@example.com" });

  const signOut = await app.submit(await app.open("/auth/signout"), {});
  assertEquals((await latchkey.open(signOut.url.href)).url.href, `${example.origin}/`);
  assertStringIncludes((await app.open("/")).body, "Nobody is signed in");
  assertEquals((await latchkey.open(await request())).url.pathname, "/login");
});
