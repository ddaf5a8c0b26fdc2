import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import { strings } from "../../src/language/languages.ts";
import { accountBrowser } from "../support/account.ts";
import { submitLogin } from "../support/authorization.ts";
import { submitTo } from "../support/factors.ts";
import { askForMail } from "../support/mail_sign_in.ts";
import { newestLink } from "../support/mails.ts";
import { inPage, passkeysPage, sendCredential, withPasskey } from "../support/passkeys.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";

/** What no person has in an address bar: scripts and clients call it. */
const calledByPrograms =
  /^\/(token|par|introspect|revoke|userinfo|session|api|dev)(\/|$)|\/options$/;

const { title } = strings("en").error.situations.form_address;

/** The paths of forms of our pages. */
function formPaths({ deps }: TestProvider): string[] {
  const posted = createApp(deps).routes.filter(({ method }) => method === "POST");
  return [...new Set(posted.map(({ path }) => path))].filter((path) =>
    !calledByPrograms.test(path)
  );
}

Deno.test("a GET at the URL of a form shows a page and changes nothing", async () => {
  await using provider = await aProvider({ config: { signUp: "open" } });
  await withPasskey(provider);
  const browser = await accountBrowser(provider);
  const paths = formPaths(provider);
  assert(paths.includes("/magic-link/code") && paths.includes("/password-reset/confirm"));
  const kept = async () =>
    [...(await snapshot(provider.backend)).keys()]
      .filter((key) => !/^\["(interactions|logout_requests|totp_enrolments|audit_)/.test(key));
  const before = await kept();
  for (const pattern of paths) {
    const path = pattern.replace(/:passkey\{.*?\}(?=\/|$)/, "A".repeat(43));
    for (const by of [browser, provider.browser()]) {
      const landed = await by.open(path);
      const where = `${path} ${landed.response.status}`;
      assert(landed.response.headers.get("content-type")?.startsWith("text/html"), where);
      assert([200, 400, 404].includes(landed.response.status), where);
      assertStringIncludes(landed.body, "<h1", where);
    }
    const { status, headers } = await browser.send(path, { method: "PUT" });
    assertEquals([status, headers.get("allow")?.includes("GET")], [405, true], path);
  }
  assertEquals(await kept(), before);
});

Deno.test("after a wrong code or passkey, the URL leads back to the page that asks for it", async () => {
  await using provider = await aProvider();
  await withPasskey(provider);
  const waiting = await askForMail(provider, "code");
  const { browser } = waiting;
  const wrong = await submitTo(browser, waiting.page, "/magic-link/code", { code: "1" });
  assertEquals([wrong.url.pathname, wrong.response.status], ["/magic-link/sent", 400]);
  const again = await browser.open(wrong.url.pathname + wrong.url.search);
  assertEquals([again.url.pathname, again.response.status], ["/magic-link/sent", 200]);
  assertStringIncludes(again.body, 'id="code-submit"');

  const login = await browser.open(provider.authorizeUrl());
  const refused = await sendCredential(browser, login, "{}");
  assertEquals([refused.url.pathname, refused.response.status], ["/login", 401]);
  const back = await browser.open(`/login/passkey${refused.url.search}`);
  assertEquals([back.url.pathname, back.response.status], ["/login", 200]);
  assertEquals((await submitLogin(browser, back)).url.pathname, "/consent");
});

Deno.test("a form's URL without its parameters shows how to reach the form, and spends no link", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  const link = await newestLink(provider);
  const page = await browser.open(link);
  const short = await browser.submit(page, { password: "x", password_repeat: "x" });
  assertEquals([short.url.href.split("?")[0], short.response.status], [
    `${provider.deps.config.issuer}/password-reset/confirm`,
    400,
  ]);
  const reloaded = await browser.open(short.url.pathname);
  assertEquals(reloaded.response.status, 400);
  assertStringIncludes(reloaded.body, inPage(title));
  assertEquals((await browser.open(link)).response.status, 200, "the link is as good as it was");
  const others = [
    "/magic-link/code?interaction=&way=code",
    "/login/second-factor/restart",
    "/magic-link/confirm",
    "/sign-up/confirm",
    "/invitation?token=",
    "/account/email/confirm",
  ];
  for (const path of others) {
    assertStringIncludes((await browser.open(path)).body, inPage(title), path);
  }
});

Deno.test("a GET at the URL of an account form opens the page of the form", async () => {
  await using provider = await aProvider();
  const browser = await accountBrowser(provider);
  const pages = {
    "/account/sessions/end": "/account/sessions",
    "/account/profile/email": "/account/profile",
    "/account/data/export": "/account/data",
    [`${passkeysPage}/${"A".repeat(43)}/remove`]: passkeysPage,
    "/logout/confirm": "/logout",
  };
  for (const [address, page] of Object.entries(pages)) {
    const landed = await browser.open(address);
    assertEquals([landed.url.pathname, landed.response.status], [page, 200]);
  }
});
