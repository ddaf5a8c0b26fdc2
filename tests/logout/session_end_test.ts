import { assertEquals } from "@std/assert";
import { isSignedIn, sessionCookie, signedInBrowser } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf, signIn, signInOffline, userinfo } from "../support/tokens.ts";

Deno.test("DELETE /session ends the browser's own session, and only from our own pages", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const cookie = sessionCookie(browser) ?? "";
  const headers = { cookie: `__Host-latchkey_session=${cookie}` };
  for (const origin of [undefined, "https://evil.example", "null"]) {
    const response = await provider.request("/session", {
      method: "DELETE",
      headers: origin === undefined ? headers : { ...headers, origin },
    });
    assertEquals(await answerOf(response), "400 invalid_request");
  }
  assertEquals(await isSignedIn(provider, cookie), true);
  assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
  assertEquals(sessionCookie(browser), undefined);
  assertEquals(await isSignedIn(provider, cookie), false);
  assertEquals((await browser.send("/session", { method: "DELETE" })).status, 204);
});

Deno.test("a stolen session id without its secret ends nothing", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const cookie = sessionCookie(browser) ?? "";
  const guessed = cookie.slice(0, -43) + "A".repeat(43);
  const headers = { cookie: `__Host-latchkey_session=${guessed}`, origin: issuer };
  assertEquals((await provider.request("/session", { method: "DELETE", headers })).status, 204);
  assertEquals(await isSignedIn(provider, cookie), true);
});

Deno.test("grants without offline access end with the session, the others stay valid", async () => {
  const ways: ((browser: Browser) => Promise<unknown>)[] = [
    (browser) => browser.send("/session", { method: "DELETE" }),
    async (browser) => browser.submit(await browser.open("/logout"), {}),
  ];
  for (const end of ways) {
    await using provider = await aProvider();
    const browser = provider.browser();
    const online = await signIn(provider, { browser });
    // Without openid there is a refresh token, but no offline access.
    const plain = await signIn(provider, { browser, parameters: { scope: "email" } });
    const offline = await signInOffline(provider, { browser });

    await end(browser);

    assertEquals(
      await answerOf(await userinfo(provider, online.access_token)),
      "401 invalid_token",
    );
    assertEquals(await answerOf(await provider.refresh(plain.refresh_token)), "400 invalid_grant");
    assertEquals((await userinfo(provider, offline.access_token)).status, 200);
    assertEquals((await provider.refresh(offline.refresh_token)).status, 200);
  }
});

Deno.test("a code is refused once its session has ended", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const code = await provider.authorize({ browser });
  await browser.send("/session", { method: "DELETE" });
  assertEquals(await answerOf(await provider.exchange(code)), "400 invalid_grant");
});

Deno.test("the end of a session leaves one audit event", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const page = await browser.open("/logout");
  await Promise.all([1, 2, 3].map(() => browser.submit(page, {})));
  const ended = (await auditTrail(provider)).filter(({ type }) => type === "session_ended");
  assertEquals(ended.map(({ reason }) => reason), ["signed_out"]);
});
