import { assertEquals } from "@std/assert";
import { signedInBrowser } from "../support/authorization.ts";
import { alice, aProvider } from "../support/provider.ts";
import { atAccount, filled, password, post } from "./steps/step.ts";

const path = "/account/security/password";
const list = "/account/applications";

Deno.test("a change that landed is answered, with its session, even if its trace cannot be read", async () => {
  const store = { fails: "" };
  await using provider = await onBreakableStore(store);
  const fields = { current_password: alice.password, password, password_repeat: password };
  const form = filled(await atAccount(provider, path), path, fields);
  store.fails = "carried_out_forms";
  const answer = await post(form);
  assertEquals([answer.status, answer.headers.get("location")], [303, `${path}?changed=yes`]);
  assertEquals((await form.browser.open("/account")).url.pathname, "/account");
});

Deno.test("an old form that fails does not seem to have withdrawn what was allowed again", async () => {
  const store = { fails: "" };
  await using provider = await onBreakableStore(store);
  await signedInBrowser(provider);
  const { browser } = await atAccount(provider, list);
  const page = await browser.open(`${list}/withdraw?client=shop`);
  const form = filled({ browser, page }, `${list}/withdraw`);
  assertEquals((await post(form)).headers.get("location"), `${list}?done=withdrawn`);
  await signedInBrowser(provider);
  store.fails = "consents";
  assertEquals((await post(form)).status, 503);
  store.fails = "";
  // It withdraws what is allowed now, and its trace replaces that of the first one.
  assertEquals((await post(form)).headers.get("location"), `${list}?done=withdrawn`);
  assertEquals((await browser.open(list)).body.includes("withdraw?client=shop"), false);
});

function onBreakableStore(store: { readonly fails: string }) {
  return aProvider({
    wrap: (backend) => ({
      ...backend,
      getMany(keys) {
        const isBroken = store.fails !== "" && JSON.stringify(keys).includes(store.fails);
        return isBroken
          ? Promise.reject(new Error("the store does not answer"))
          : backend.getMany(keys);
      },
    }),
  });
}
