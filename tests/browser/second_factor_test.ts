import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { giveApp } from "../support/factors.ts";
import {
  addPasskey,
  enterSecondFactor,
  makeRecoveryCodes,
  openAccount,
  passkeysPath,
  recoveryCodesPath,
  setUpApp,
} from "./support/account_steps.ts";
import { anAuthenticator } from "./support/authenticator.ts";
import { journey } from "./support/journey.ts";
import { alice, type BrowserServer } from "./support/server.ts";
import { clientAt, isAt } from "./support/site.ts";
import { allow, beginAtDemo, decoded, isTold, sees, signIn, signOut } from "./support/steps.ts";

const twoFactors = "urn:latchkey:acr:2fa";

/** What the ID token says that a client gets for the code it was sent back with. */
async function idTokenOf({ provider }: BrowserServer, url: string) {
  const response = await provider.exchange(new URL(url).searchParams.get("code") ?? "");
  return decodeJwt((await response.json()).id_token);
}

journey("an app is set up by the key on the page, and then signs in", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await openAccount(page, alice);
  const app = await setUpApp(page, server);
  await page.getByText("Your authenticator app is set up.").waitFor();
  await signOut(page);

  server.provider.clock.advance(30); // a code works once
  await beginAtDemo(page);
  await signIn(page, alice);
  await sees(page, "One more step");
  await enterSecondFactor(page, "000000");
  await isTold(page, "This code is not valid now");
  await enterSecondFactor(page, app.code());
  await allow(page);
  await page.locator("#demo-person").waitFor();
  const { amr, acr } = await decoded(page, "id-token");
  assertEquals([amr, acr], [["pwd", "otp", "mfa"], twoFactors]);
});

journey("who has lost the app uses a passkey where its code is asked for", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice, passkeysPath);
  await addPasskey(page);
  await giveApp(server.provider);
  await signOut(page);

  await authenticator.setTouches(false);
  await beginAtDemo(page);
  await signIn(page, alice);
  await sees(page, "One more step");
  await authenticator.setTouches(true);
  await page.getByRole("button", { name: "Use a passkey instead" }).click();
  await allow(page);
  await page.locator("#demo-person").waitFor();
  const { acr } = await decoded(page, "id-token");
  assertEquals(acr, "phr");
});

journey("recovery codes are shown once, and each signs in once", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await openAccount(page, alice);
  await setUpApp(page, server);
  const [code = "", another = "", ...more] = await makeRecoveryCodes(page);
  assertEquals(more.length, 8);
  const saved = page.waitForEvent("download");
  await page.locator("a[download]").click();
  const file = await Deno.readTextFile(await (await saved).path());
  assertStringIncludes(file, code);
  await page.goto(recoveryCodesPath);
  await page.getByText("10 of 10 are left").waitFor();
  assertEquals((await page.content()).includes(code), false);
  await signOut(page);

  for (const [used, said] of [[code, null], [code, "it was already used"], [another, null]]) {
    await beginAtDemo(page);
    await signIn(page, alice);
    await page.getByRole("link", { name: "Use a recovery code instead" }).click();
    await page.locator("input[name=with][value=recovery-code]").waitFor({ state: "attached" });
    await enterSecondFactor(page, used ?? "");
    if (said) {
      await isTold(page, said);
      continue;
    }
    await sees(page, "Allow Demo app?");
    await signOut(page);
    await sees(page, "You are signed out");
  }
});

journey("a client that wants two factors gets them, by one step more", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
  const { page } = await world.aPerson(server);
  await openAccount(page, alice);
  const { page: elsewhere } = await world.aPerson(server);
  await openAccount(elsewhere, alice);
  const app = await setUpApp(page, server);
  server.provider.clock.advance(30);

  // Signed in elsewhere by the password alone.
  await elsewhere.goto(server.provider.authorizeUrl({ parameters: { acr_values: twoFactors } }));
  await sees(elsewhere, "One more step");
  await enterSecondFactor(elsewhere, app.code());
  await elsewhere.waitForURL(isAt(shop));
  const { acr, amr } = await idTokenOf(server, elsewhere.url());
  assertEquals([acr, amr], [twoFactors, ["pwd", "otp", "mfa"]]);
});

journey("who cannot give what a client must have is told, and goes back", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
  const { page } = await world.aPerson(server);
  const must = { id_token: { acr: { essential: true, values: [twoFactors] } } };
  const parameters = { claims: JSON.stringify(must) };
  await page.goto(server.provider.authorizeUrl({ parameters }));
  await signIn(page, alice);
  await page.waitForURL(isAt(shop));
  assertStringIncludes(page.url(), "error=unmet_authentication_requirements");
});

journey("who signed in a while ago does so again: max_age, a sensitive page", async (world) => {
  const shop = world.aSite();
  const server = await world.aServer({ clients: [clientAt(shop, { skip_consent: true })] });
  const { provider } = server;
  const { page } = await world.aPerson(server);
  await openAccount(page, alice);
  const request = provider.authorizeUrl({ parameters: { max_age: "60" } });
  await page.goto(request);
  await page.waitForURL(isAt(shop));

  provider.clock.advance(100);
  await page.goto(request);
  await sees(page, "Sign in");
  await signIn(page, alice);
  await page.waitForURL(isAt(shop));
  const { auth_time } = await idTokenOf(server, page.url());
  assertEquals(auth_time, provider.clock.seconds());

  provider.clock.advance(301);
  await page.goto("/account"); // is not sensitive
  await page.goto(recoveryCodesPath);
  await sees(page, "Confirm it is you");
  assertEquals(await page.locator("#username").inputValue(), "alice");
  await page.locator("#password").fill(alice.password);
  await page.locator("#login-submit").click();
  await page.waitForURL(recoveryCodesPath);
});
