import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { accountBrowser } from "../support/account.ts";
import { bob, isSignedIn, sessionCookie, signInAgain } from "../support/authorization.ts";
import { enterCode, giveApp } from "../support/factors.ts";
import { askForMail } from "../support/mail_sign_in.ts";
import { newestLink } from "../support/mails.ts";
import { registerPasskey, signInWithPasskey } from "../support/passkeys.ts";
import { aScene, type Scene } from "./steps/step.ts";

/** Of the session cookie, before somebody has shown more and after. */
interface Gain {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where somebody shows more than they had, so that who knew the cookie before must know nothing. */
const gains: Readonly<Record<string, (scene: Scene) => Promise<Gain>>> = {
  "a sign-in over a session that is there": async ({ provider }) => {
    const browser = await accountBrowser(provider);
    const before = sessionCookie(browser);
    await signInAgain(provider, browser);
    return { before, after: sessionCookie(browser) };
  },
  "a sign-in as somebody else": async ({ provider }) => {
    const browser = await accountBrowser(provider);
    const before = sessionCookie(browser);
    await signInAgain(provider, browser, bob);
    return { before, after: sessionCookie(browser) };
  },
  "a step up to two factors": async ({ provider }) => {
    const browser = await accountBrowser(provider);
    const before = sessionCookie(browser);
    const app = await giveApp(provider);
    const acr_values = "urn:latchkey:acr:2fa";
    const page = await browser.open(provider.authorizeUrl({ parameters: { acr_values } }));
    await enterCode(browser, page, app.code());
    return { before, after: sessionCookie(browser) };
  },
  "a sign-in with a passkey": async (scene) => {
    const browser = scene.provider.browser();
    const authenticator = await registerPasskey(scene.provider, { browser });
    const before = sessionCookie(browser);
    await signInWithPasskey(scene.provider, authenticator, {
      browser,
      parameters: { prompt: "login" },
    });
    return { before, after: sessionCookie(browser) };
  },
  "a sign-in by a link": async ({ provider }) => {
    const browser = await accountBrowser(provider);
    const before = sessionCookie(browser);
    await askForMail(provider, "link", { browser, authorize: { parameters: { prompt: "login" } } });
    await browser.submit(await browser.open(await newestLink(provider)), {});
    return { before, after: sessionCookie(browser) };
  },
};

for (const [what, gain] of Object.entries(gains)) {
  Deno.test(`${what} gives the browser a new cookie, and the old one becomes invalid`, async () => {
    await using scene = await aScene();
    const { before, after } = await gain(scene);
    assert(before !== undefined && after !== undefined);
    assertNotEquals(after, before);
    assert(await isSignedIn(scene.provider, after));
    assertEquals(await isSignedIn(scene.provider, before), false);
  });
}

Deno.test("a sign-in does not keep anything of a cookie that an attacker has set", async () => {
  await using scene = await aScene();
  const { provider } = scene;
  const attackers = sessionCookie(await accountBrowser(provider, bob)) ?? "";
  for (const planted of [attackers, attackers.slice(0, -43) + "A".repeat(43)]) {
    const browser = provider.browser();
    browser.cookies.set("__Host-latchkey_session", planted);
    await signInAgain(provider, browser);
    const cookie = sessionCookie(browser);
    assertNotEquals(cookie?.split(".")[1], planted.split(".")[1]);
    assertEquals(await isSignedIn(provider, planted), false);
  }
});
