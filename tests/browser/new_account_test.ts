import { assertEquals } from "@std/assert";
import { anAuthenticator } from "./support/authenticator.ts";
import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import { allow, beginAtDemo, forgetPassword, openNewestLink } from "./support/steps.ts";

journey("a new account begins with a passkey, and needs no password", async (world) => {
  const server = await world.aServer({ config: { signUp: "open" } });
  // The name that is taken is answered with 422, which the browser's console tells.
  const { page } = await world.aPerson(server, { mayLog: /status of 422/ });
  const authenticator = await anAuthenticator(page);
  await beginAtDemo(page);
  await page.locator('a[href^="/sign-up"]').click();
  await page.locator("#email").fill("nora@example.com");
  await page.locator("#sign-up-submit").click();
  await page.waitForURL("/sign-up/sent*");
  await openNewestLink(page, server);

  // Without a name the browser says so, and nothing is asked of the authenticator.
  await page.locator("#passkey-button").click();
  await page.waitForLoadState();
  assertEquals(await page.evaluate("document.activeElement.id"), "name");
  await page.locator("#name").fill("Nora Neu");
  await page.locator("#username").fill(alice.username);
  await page.locator("#passkey-button").click();
  await page.locator('#error-summary a[href="#username"]').waitFor();
  assertEquals(await page.locator("#name").inputValue(), "Nora Neu");
  assertEquals(await authenticator.passkeys(), []);

  await page.locator("#username").fill("nora");
  await page.locator("#passkey-button").click();
  await allow(page);
  await page.locator("#demo-person").waitFor();
  assertEquals((await authenticator.passkeys()).map(({ userName }) => userName), ["nora"]);

  await page.context().clearCookies();
  await page.goto("/account"); // the name's field offers the passkey, and the authenticator takes it
  await page.locator('a[href="/account/security/recovery-codes"]').waitFor();
});

journey("a passkey takes the place of a forgotten password", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  const authenticator = await anAuthenticator(page);
  await forgetPassword(page, alice.username);
  await openNewestLink(page, server);
  await page.locator("#passkey-button").click();
  await page.waitForURL("/password-reset/done/passkey");
  assertEquals((await authenticator.passkeys()).length, 1);
  await beginAtDemo(page); // signs in by autofill
  await allow(page);
  await page.locator("#demo-person").waitFor();
});

journey("without a script a new account begins with a password", async (world) => {
  const server = await world.aServer({ config: { signUp: "open" } });
  const { page } = await world.aPerson(server, { javaScript: false });
  await page.goto("/sign-up");
  await page.locator("#email").fill("nora@example.com");
  await page.locator("#sign-up-submit").click();
  await page.waitForURL("/sign-up/sent*");
  await openNewestLink(page, server);
  assertEquals(await page.locator("#passkey-button").isVisible(), false);
  await page.locator("#name").fill("Nora Neu");
  await page.locator("#password").fill("a quiet new harbour");
  await page.locator("#password_repeat").fill("a quiet new harbour");
  await page.locator("#new-account-submit").click();
  await page.waitForURL("/sign-up/done");
});
