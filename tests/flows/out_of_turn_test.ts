import { assert, assertEquals } from "@std/assert";
import { accountBrowser, accountToken } from "../support/account.ts";
import { bob, sessionCookie, signedInBrowser, submitLogin } from "../support/authorization.ts";
import { giveApp, giveRecoveryCodes } from "../support/factors.ts";
import { openPasskeys, registerPasskey } from "../support/passkeys.ts";
import { alice, type TestProvider, type UserEntry } from "../support/provider.ts";
import { aScene, asking, filled, type FilledForm, post, type Scene } from "./steps/step.ts";
import { effects, stored } from "./steps/stored.ts";
import { steps } from "./steps/table.ts";

/** Posts that come before their turn; each form token is that of the page before. */
const early: Readonly<Record<string, (scene: Scene) => Promise<FilledForm>>> = {
  "a second factor before the first": async (scene) => {
    const app = await giveApp(scene.provider);
    return await turned(scene, "/login/second-factor", { code: app.code() });
  },
  "a recovery code before the first factor": async (scene) => {
    await giveApp(scene.provider);
    const [code = ""] = await giveRecoveryCodes(scene.provider);
    return await turned(scene, "/login/second-factor", { code });
  },
  "another person's second factor than the first": async (scene) => {
    const { provider } = scene;
    await giveApp(provider);
    const bobs = await giveApp(provider, "bob");
    const { browser, page } = await asking(provider);
    const second = await submitLogin(browser, page);
    return filled({ browser, page: second }, "/login/second-factor", { code: bobs.code() });
  },
  "a consent before somebody has signed in": (scene) => turned(scene, "/consent", allow),
  "a consent after the first of two factors": async ({ provider }) => {
    await giveApp(provider);
    const { browser, page } = await asking(provider);
    const second = await submitLogin(browser, page);
    const { fields } = filled({ browser, page: second }, "/login/second-factor");
    return { browser, action: "/consent", fields: { ...fields, ...allow } };
  },
  "going on as somebody before anybody is signed in": (scene) =>
    turned(scene, "/login", { choice: "continue" }),
  "a passkey before a challenge was asked for": async (scene) => {
    const { browser, action, fields } = await steps["/login/passkey"]!.ready(scene);
    // Of another request of the same browser, which has no challenge.
    const page = await browser.open(scene.provider.authorizeUrl());
    const form = filled({ browser, page }, "/login");
    return { browser, action, fields: { ...form.fields, credential: fields.credential ?? "" } };
  },
  "a code by mail in another request than it was asked for": async (scene) => {
    const { browser, action, fields } = await steps["/magic-link/code"]!.ready(scene);
    const page = await browser.open(scene.provider.authorizeUrl());
    const form = filled({ browser, page }, "/login");
    const { request = "", code = "" } = fields;
    return { browser, action, fields: { ...form.fields, request, code } };
  },
  "a code by mail that nobody asked for": (scene) =>
    turned(scene, "/magic-link/code", { request: "A".repeat(22), code: "BBBB-BBBB" }),
  "a form of the account before somebody has signed in": (scene) =>
    turned(scene, "/account/data/delete", { username: "alice" }),
  "the removal of a passkey that is somebody else's": async ({ provider }) => {
    const [theirs] = (await registerFor(provider, bob)).slice(-1);
    const own = await atPasskeyOf(provider, alice);
    return { ...own, action: `/account/security/passkeys/${theirs}/remove` };
  },
  "the end of a session that is somebody else's": async ({ provider }) => {
    const theirs = sessionCookie(await accountBrowser(provider, bob))?.split(".")[1] ?? "";
    const browser = await accountBrowser(provider);
    await accountBrowser(provider);
    const page = await browser.open("/account/sessions");
    return filled({ browser, page }, "/account/sessions/end", { session: theirs });
  },
  "the withdrawal of what somebody else has allowed": async ({ provider }) => {
    await signedInBrowser(provider, { user: bob });
    const browser = await accountBrowser(provider);
    const form_token = await accountToken(browser);
    const fields = { form_token, client: "shop" };
    return { browser, action: "/account/applications/withdraw", fields };
  },
};

for (const [what, arrange] of Object.entries(early)) {
  Deno.test(`out of order: ${what} does nothing`, async () => {
    await using scene = await aScene();
    const form = await arrange(scene);
    const before = await stored(scene);
    const session = sessionCookie(form.browser);
    const response = await post(form);
    const location = response.headers.get("location") ?? "";
    await response.body?.cancel();
    assert(!location.startsWith("https://shop.example"), location);
    assertEquals(sessionCookie(form.browser), session);
    assertEquals(effects(before, await stored(scene)), []);
  });
}

const allow = { decision: "allow" };

/** A form of the page that comes first, sent to another path. */
async function turned(
  { provider }: Scene,
  action: string,
  typed: Record<string, string>,
): Promise<FilledForm> {
  const { browser, fields } = filled(await asking(provider), "/login");
  return { browser, action, fields: { ...fields, ...typed } };
}

/** The ids of a person's passkeys, of which they get one more. */
async function registerFor(provider: TestProvider, user: UserEntry): Promise<string[]> {
  await registerPasskey(provider, { user });
  return (await provider.userOf(user.username)).user.passkeys;
}

async function atPasskeyOf(provider: TestProvider, user: UserEntry): Promise<FilledForm> {
  const [id] = (await registerFor(provider, user)).slice(-1);
  const { browser } = await openPasskeys(provider, { user });
  const path = `/account/security/passkeys/${id}`;
  return filled({ browser, page: await browser.open(path) }, `${path}/remove`);
}
