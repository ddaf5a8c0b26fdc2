import { assertEquals, assertStringIncludes } from "@std/assert";
import { ask, sessionCookie } from "../support/authorization.ts";
import type { Landing } from "../support/browser.ts";
import { alice, aProvider } from "../support/provider.ts";
import { aScene, atAccount, filled, type FilledForm, password, post } from "./steps/step.ts";
import { steps } from "./steps/table.ts";

const path = "/account/security/password";
const typed = { current_password: alice.password, password, password_repeat: password };

Deno.test("who changes a password twice, and loses the first answer, reads that it is set", async () => {
  await using provider = await aProvider();
  const form = filled(await atAccount(provider, path), path, typed);
  const landed = await pressAgainAfterLoss(form);
  assertEquals([landed.response.status, titleOf(landed)], [200, "Your password is set"]);
  // It has no session in it: the account asks for the new password.
  assertEquals((await form.browser.open("/account")).url.pathname, "/login");
});

Deno.test("no link makes a page say that a password was changed", async () => {
  await using provider = await aProvider();
  const stranger = provider.browser();
  assertEquals((await stranger.open(`${path}?changed=yes`)).url.pathname, "/login");
  // Nor in the browser that has changed it, once the mark is over.
  const form = filled(await atAccount(provider, path), path, typed);
  await pressAgainAfterLoss(form);
  provider.clock.advance(121);
  assertEquals((await form.browser.open(`${path}?changed=yes`)).url.pathname, "/login");
});

Deno.test("after a new sign-in, the password page is the usual one", async () => {
  await using provider = await aProvider();
  const form = filled(await atAccount(provider, path), path, typed);
  await pressAgainAfterLoss(form);
  const asked = await ask(provider, { browser: form.browser });
  await form.browser.submit(asked, { username: alice.username, password });
  const page = await form.browser.open(path);
  assertEquals(page.url.pathname, path);
  assertEquals(page.body.includes("Your password is set"), false);
});

Deno.test("the end of the setup does not call a browser signed in that has lost its session", async () => {
  const step = steps["/setup"];
  if (step === undefined) throw new Error("no setup");
  await using scene = await aScene(step);
  const form = await step.ready(scene);
  const landed = await pressAgainAfterLoss(form);
  assertEquals(sessionCookie(form.browser), undefined);
  assertStringIncludes(landed.body, "You are the administrator of this server now");
  assertEquals(landed.body.includes("signed in"), false);
});

/** As a browser does it that gives up the first request: it is carried out, and its cookies are lost. */
async function pressAgainAfterLoss(form: FilledForm): Promise<Landing> {
  const { browser, action, fields } = form;
  const before = [...browser.cookies];
  await (await post(form)).body?.cancel();
  browser.cookies.clear();
  for (const [name, value] of before) browser.cookies.set(name, value);
  return await browser.open(action, { method: "POST", body: new URLSearchParams(fields) });
}

function titleOf({ body }: Landing): string | undefined {
  return /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(body)?.[1]?.replaceAll(/<[^>]+>/g, "").trim();
}
