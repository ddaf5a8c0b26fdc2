import { assertEquals, assertStringIncludes } from "@std/assert";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { robin, started } from "./started.ts";

const why = "on which no request leaves";

testOnNewerDeno(
  why,
  "the example of back-channel logout ends its session when the one at Latchkey ends",
  async () => {
    // http on this machine is called in development only.
    const env = { LATCHKEY_ENV: "development" };
    await using example = await started("backchannel_logout", "APP_URL", env);
    const { app, latchkey } = example.browser();
    const response = await app.send("/login");
    const begun = response.headers.get("location") ?? "";
    await response.body?.cancel();
    const callback = await latchkey.signInAndAllow(begun, robin);
    assertStringIncludes((await app.open(callback.href)).body, "Signed in as");

    const page = await latchkey.submit(await latchkey.open("/logout"), {});
    assertStringIncludes(page.body, "was told");
    assertStringIncludes((await app.open("/")).body, "Nobody is signed in");

    const forged = "eyJhbGciOiJub25lIn0.e30.";
    const body = new URLSearchParams({ logout_token: forged });
    const refused = await fetch(`${example.origin}/backchannel-logout`, { method: "POST", body });
    await refused.body?.cancel();
    assertEquals(refused.status, 400);
  },
);
