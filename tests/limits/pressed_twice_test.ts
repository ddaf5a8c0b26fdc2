import { assertEquals } from "@std/assert";
import { leadsTo } from "../support/browser.ts";
import { alice } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { atAccount, filled, password, post } from "../flows/steps/step.ts";
import { aLimitedProvider } from "./strangers.ts";

const path = "/account/security/password";
const wrong = { current_password: "not hers", password, password_repeat: password };
/** The limit of `aLimitedProvider` for one browser. */
const most = 3;

Deno.test("a wrong password that one form sends many times at once counts each time", async () => {
  await using provider = await aLimitedProvider();
  const form = filled(await atAccount(provider, path), path, wrong);
  await Promise.all(Array.from({ length: 20 }, () => post(form)));
  const trail = await auditTrail(provider);
  assertEquals(trail.filter(({ type }) => type === "sign_in_failed").length, most);
  // Not even the right password is verified any more.
  const fields = { ...form.fields, current_password: alice.password };
  assertEquals((await post({ ...form, fields })).headers.get("location"), path);
});

Deno.test("a form that has changed the password is no guess when it is sent again", async () => {
  await using provider = await aLimitedProvider();
  const at = await atAccount(provider, path);
  const typed = { current_password: alice.password, password, password_repeat: password };
  const form = filled(at, path, typed);
  // The browser has the new session by the second press, and the current password is another one.
  for (let n = 0; n <= most; n++) {
    assertEquals(leadsTo(await post(form)), `${path}?changed=yes`);
  }
  const trail = await auditTrail(provider);
  assertEquals(trail.filter(({ type }) => type === "password_changed").length, 1);
  assertEquals(trail.filter(({ type }) => type === "sign_in_failed").length, 0);
  // No place of the limit is used up.
  const next = { current_password: password, password: "yet another harbour" };
  const fields = { ...form.fields, ...next, password_repeat: next.password };
  assertEquals((await post({ ...form, fields })).headers.get("location"), `${path}?changed=yes`);
});
