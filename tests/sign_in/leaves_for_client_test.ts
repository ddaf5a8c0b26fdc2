import { assertEquals } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";

const clients = [aClient("shop", { skip_consent: true })];

// The test's browser stops, as Chromium does, where the page of a form has a form-action.

Deno.test("a form of a page that waits goes on to the client if another tab has signed in", async () => {
  const forms = {
    "/magic-link": { email: "alice@example.com" },
    "/sign-up": { email: "new@example.com" },
    "/password-reset": { username: "alice" },
  };
  await using provider = await aProvider({ clients, config: { signUp: "open" } });
  for (const [path, fields] of Object.entries(forms)) {
    const browser = provider.browser();
    const { url } = await ask(provider, { browser, parameters: { state: path } });
    const waiting = await browser.open(path + url.search);
    await submitLogin(browser, await ask(provider, { browser }));
    const landing = await browser.submit(waiting, fields);
    assertEquals([outcomeOf(landing), landing.url.searchParams.get("state")], ["code", path]);
  }
});

Deno.test("the choice of a password instead of a given one goes on to the client", async () => {
  const mara = { username: "mara", password: "quiet harbour lights" };
  const own = { password: "a very own password", password_repeat: "a very own password" };
  await using api = await anAdminApi({ clients });
  await api.post("/users", mara);
  const browser = api.provider.browser();
  const page = await browser.submit(await ask(api.provider, { browser }), mara);
  assertEquals(page.url.pathname, "/password-reset/confirm");
  const wrong = await browser.submit(page, { ...own, password_repeat: "" });
  assertEquals(wrong.response.status, 400);
  assertEquals(outcomeOf(await browser.submit(wrong, own)), "code");
});
