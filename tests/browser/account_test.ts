import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { newestCode } from "../support/mail_sign_in.ts";
import { de } from "../../src/language/strings/de.ts";
import {
  appPath,
  enterSecondFactor,
  makeRecoveryCodes,
  openAccount,
  passkeysPath,
  setUpApp,
} from "./support/account_steps.ts";
import { journey } from "./support/journey.ts";
import { askForMail, typeCode } from "./support/mail_steps.ts";
import { alice, bob } from "./support/server.ts";
import {
  allow,
  beginAtDemo,
  isTold,
  openNewestLink,
  sees,
  signIn,
  signInToDemo,
  signOut,
} from "./support/steps.ts";

journey("the list of sessions ends another browser, and leaves this one alone", async (world) => {
  const server = await world.aServer();
  const { page: hers } = await world.aPerson(server);
  const { page: elsewhere } = await world.aPerson(server);
  const { page: further } = await world.aPerson(server);
  await openAccount(elsewhere, alice);
  await openAccount(hers, alice, "/account/sessions");
  const others = hers.locator(".item button");
  assertEquals(await others.count(), 1);
  await others.click();
  await hers.getByText("The session has ended.").waitFor();
  assertEquals(await others.count(), 0);
  await elsewhere.goto("/account");
  await sees(elsewhere, "Sign in");

  await openAccount(elsewhere, alice);
  await openAccount(further, alice);
  await hers.reload();
  assertEquals(await others.count(), 2);
  await hers.locator("#end-other-sessions").click();
  await hers.getByText("All other sessions have ended.").waitFor();
  for (const page of [elsewhere, further]) {
    await page.reload();
    await sees(page, "Sign in");
  }
  await hers.reload();
  await sees(hers, "Sessions");
});

journey("an app whose access is withdrawn loses it at once", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await signInToDemo(page, alice);
  await page.goto("/account/applications");
  const withdraw = { name: "Withdraw access: Demo app", exact: true };
  await page.getByRole("link", withdraw).click();
  await sees(page, "Withdraw the access of Demo app?");
  await page.locator("#withdraw-confirm").click();
  await page.getByText("The app has no access any more.").waitFor();

  await page.goto("/dev/app");
  await page.locator("#demo-refresh").click();
  await isTold(page, "invalid_grant");
  await page.goto("/account/activity");
  await page.getByText("You withdrew the access of Demo app").waitFor();
});

journey("a person takes all data along, and deletes the account", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await openAccount(page, alice, "/account/data");
  const saved = page.waitForEvent("download");
  await page.locator("#export-data").click();
  const text = await Deno.readTextFile(await (await saved).path());
  assertStringIncludes(text, "alice@example.com");
  assert(typeof JSON.parse(text) === "object");

  await page.getByRole("link", { name: "Delete the account" }).click();
  await page.locator("#username").fill("bob");
  await page.locator("#delete-account-confirm").click();
  await isTold(page, "This is not your username");
  await page.locator("#username").fill("alice");
  await page.locator("#delete-account-confirm").click();
  await sees(page, "Your account is deleted");

  await page.goto("/account");
  await signIn(page, alice);
  await isTold(page, "do not match");
});

journey("the whole account is German for who prefers it, and dark", async (world) => {
  const { page } = await world.aPerson(await world.aServer(), { language: "de-AT", dark: true });
  await openAccount(page, bob);
  const { account, accountNav: { sections }, security } = de;
  const titles: Record<keyof typeof sections, string> = {
    overview: account.title,
    profile: account.profile.title,
    security: security.title,
    sessions: account.sessions.title,
    applications: account.apps.title,
    activity: account.activity.title,
    data: account.data.title,
  };
  for (const [section, title] of Object.entries(titles)) {
    const path = section === "overview" ? "/account" : `/account/${section}`;
    await page.locator(`.account-nav a[href='${path}']`).click();
    await page.waitForURL(path);
    await sees(page, title);
    assertEquals(await page.locator("html").getAttribute("lang"), "de");
    const ground: string = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert(Math.max(...ground.matchAll(/\d+/g).map(Number)) < 50, `${path} is light: ${ground}`);
  }
  const below = {
    [passkeysPath]: de.passkeys.account.title,
    "/account/security/password": de.accountPassword.title,
    [appPath]: de.authenticatorApp.title,
    "/account/data/delete": account.data.confirmTitle,
  };
  for (const [path, title] of Object.entries(below)) {
    await page.goto(path);
    await sees(page, title);
  }
});

journey("without JavaScript: by mail, with an app, through the account", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server, { javaScript: false });
  await page.goto("/account");
  await askForMail(page, "alice@example.com", "code");
  await typeCode(page, await newestCode(server.provider));
  await page.waitForURL("/account");
  const app = await setUpApp(page, server);
  assertEquals((await makeRecoveryCodes(page)).length, 10);
  await page.goto(passkeysPath);
  await page.getByText("Passkeys need JavaScript").waitFor();
  assertEquals(await page.locator("#passkey-button").isVisible(), false);

  await page.goto("/account/profile");
  await page.locator("#nickname").fill("Allie");
  await page.locator("#profile-submit").click();
  await page.getByText("Your profile is saved.").waitFor();
  await page.locator("#email").fill("alice@harbour.example");
  await page.locator("#change-email").click();
  await page.getByText("A link is on its way to the new address.").waitFor();
  await signOut(page);
  await sees(page, "You are signed out");

  server.provider.clock.advance(30);
  await beginAtDemo(page);
  await signIn(page, alice);
  await enterSecondFactor(page, app.code());
  await allow(page);
  await page.locator("#demo-person").waitFor();
});

journey("a new address counts when its owner has opened the link", async (world) => {
  const server = await world.aServer();
  const { page } = await world.aPerson(server);
  await openAccount(page, bob, "/account/profile");
  await page.locator("#email").fill("bob@harbour.example");
  await page.locator("#change-email").click();
  await page.getByText("A link is on its way to the new address.").waitFor();
  await openNewestLink(page, server);
  await sees(page, "Confirm your new address");
  await page.locator("#address-confirm").click();
  await sees(page, "Your address is confirmed");
  await page.goto("/account");
  await page.getByText("bob@harbour.example").waitFor();
});
