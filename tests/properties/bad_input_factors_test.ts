import { assertEquals } from "@std/assert";
import { ask, submitLogin } from "../support/authorization.ts";
import type { GoodRequest } from "../support/bad_input.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { enterCode, giveApp, secondFactorPath, signInFor } from "../support/factors.ts";
import { assertHarmless, cookieOf } from "../support/harmless.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { editUser } from "../support/records.ts";

const security = "/account/security";

/** The page's form to this path, filled in right. */
function posted(
  browser: Browser,
  { body }: Landing,
  path: string,
  fields: Record<string, string>,
): GoodRequest {
  const form = [...body.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([one]) => one)
    .find((one) => formOf(one).action.split("?")[0] === path) ?? "";
  const parameters = { ...formOf(form).hidden, ...fields };
  const essential = Object.keys(parameters).filter((name) => name !== "with");
  const headers = { origin: issuer, cookie: cookieOf(browser) };
  return { method: "POST", path, parameters, essential, headers };
}

Deno.test("bad input at the pages of the factors is refused and changes nothing", async (t) => {
  await using provider = await aProvider();
  const enrolling = provider.browser();
  const enrolment = await signInFor(enrolling, `${security}/authenticator-app`);
  const atPassword = await enrolling.open(`${security}/password`);
  const password = "a brand new password";
  const change = posted(enrolling, atPassword, `${security}/password`, {
    current_password: alice.password,
    password,
    password_repeat: password,
  });
  await t.step("the password", () => assertHarmless(provider, change));
  const first = posted(enrolling, enrolment, `${security}/authenticator-app`, { code: "none" });
  await t.step("a first code", () => assertHarmless(provider, first));

  await editUser(provider, "alice", { passkeys: ["a-passkey"] });
  for (const path of [`${security}/password/remove`, `${security}/recovery-codes`]) {
    const page = await enrolling.open(path);
    await t.step(path, () => assertHarmless(provider, posted(enrolling, page, path, {})));
  }

  const app = await giveApp(provider);
  const half = provider.browser();
  const page = await submitLogin(half, await ask(provider, { browser: half }));
  const code = posted(half, page, secondFactorPath, { code: app.code() });
  await t.step("a second factor", () => assertHarmless(provider, code));
  await t.step("afterwards the correct code signs in", async () => {
    assertEquals((await enterCode(half, page, app.code())).url.pathname, "/consent");
  });
});
