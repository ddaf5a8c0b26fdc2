import { assert, assertEquals } from "@std/assert";
import { anApp, shareSignIn, signInOnDevice } from "../support/native_sso.ts";
import { aProvider } from "../support/provider.ts";
import { tokensOf, userinfo } from "../support/tokens.ts";

Deno.test("a sign-out ends all that a device secret has given, in whatever order they meet", async () => {
  await using provider = await aProvider({ clients: [anApp("mail"), anApp("calendar")] });
  const browser = provider.browser();
  const tokens = await signInOnDevice(provider, "mail", { browser });
  const share = () => shareSignIn(provider, tokens, { parameters: { scope: "openid" } });
  const signOut = () => browser.send("/session", { method: "DELETE" });
  const before = Array.from({ length: 10 }, share);
  const [out, ...answers] = await Promise.all([
    signOut(),
    ...before,
    ...Array.from({ length: 10 }, share),
  ]);
  assertEquals(out.status, 204);
  for (const answer of answers) {
    assert(answer.status === 200 || answer.status === 400, String(answer.status));
    if (answer.status !== 200) {
      assertEquals((await answer.json()).error, "invalid_grant");
      continue;
    }
    const { access_token } = await tokensOf(answer);
    assertEquals((await userinfo(provider, access_token)).status, 401);
  }
  assertEquals((await share()).status, 400);
});
