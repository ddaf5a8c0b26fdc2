import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { type AppEnv, requestContext } from "../../../routes/http/context.ts";
import { errorPageRoutes } from "../../../routes/http/error_page.tsx";
import { renderError } from "../../../routes/http/errors.tsx";
import { setupRoutes } from "../../../routes/sign_in/setup.tsx";
import { wing } from "../../../routes/wing.ts";
import { needsSetup } from "../../../src/authn/new_accounts/needs_setup.ts";
import type { Deps } from "../../../src/deps/deps.ts";
import { anInstallation, type Installation, newKey, oldKey } from "../../boot/installation.ts";
import { eventTypes, readUser } from "../../boot/store_contents.ts";
import { type Browser, formOf, newBrowser } from "../../support/browser.ts";

const issuer = "https://op.example";
const mara = {
  username: "mara",
  name: "Mara Lindqvist",
  password: "quiet harbour",
  password_repeat: "quiet harbour",
};

Deno.test("the link creates the first administrator once, and is invalid afterwards", async () => {
  await using installation = await anInstallation();
  const { deps, path, browser } = await aSetup(installation);
  assert(await needsSetup(deps));

  const opened = await browser.open(path);
  assertEquals(opened.response.status, 200);
  const done = await browser.submit(opened, { ...mara, email: " mara@example.com " });

  assertEquals(done.url.pathname, "/setup/done");
  assertStringIncludes(done.body, 'href="/account"');
  assert(browser.cookies.has("__Host-latchkey_session") || browser.cookies.has("latchkey_session"));
  const { value: user } = await readUser(deps, "mara");
  assert(user.administrator);
  assertEquals(user.claims, {
    name: "Mara Lindqvist",
    email: "mara@example.com",
    email_verified: false,
  });
  assert(await deps.passwordHasher.verify("quiet harbour", user.passwordHash ?? ""));
  assertEquals(await needsSetup(deps), false);
  const events = (await eventTypes(deps)).filter((type) => type !== "signing_key_created");
  assertEquals(events.toSorted(), ["setup_link_issued", "signed_in", "user_created"].toSorted());

  assertDead(await browser.open(path));
  assertDead(await browser.submit(opened, { ...mara, username: "mallory" }));
  assertEquals((await installation.boot()).setupLink, null);
});

Deno.test("one of 50 concurrent posts with one link creates an administrator", async () => {
  await using installation = await anInstallation();
  const { deps, path, browser } = await aSetup(installation);
  const opened = await browser.open(path);

  const landings = await Promise.all(
    Array.from(
      { length: 50 },
      (_, i) => browser.submit(opened, { ...mara, username: `admin-${i}` }),
    ),
  );

  const made = landings.filter(({ url }) => url.pathname === "/setup/done");
  assertEquals(made.length, 1);
  for (const landing of landings.filter((one) => one !== made[0])) assertDead(landing);
  assertEquals((await eventTypes(deps)).filter((type) => type === "user_created").length, 1);
});

Deno.test("opening the page spends nothing, and each boot shows the same link", async () => {
  await using installation = await anInstallation();
  const { path, setupLink, browser } = await aSetup(installation);
  for (let i = 0; i < 3; i++) await browser.open(path);
  installation.clock.advance(60 * 60);

  const rebooted = await installation.boot();
  assertEquals(rebooted.setupLink, setupLink);
  assertEquals((await browser.open(path)).response.status, 200);
});

Deno.test("a link is valid for a day; the next boot shows another one", async () => {
  await using installation = await anInstallation();
  const { path, setupLink, browser } = await aSetup(installation);
  const opened = await browser.open(path);
  installation.clock.advance(24 * 60 * 60);

  assertDead(await browser.open(path));
  assertDead(await browser.submit(opened, mara));
  const { setupLink: next } = await installation.boot();
  assert(next !== null && next !== setupLink);
  assertEquals((await browser.open(pathOf(next))).response.status, 200);
});

Deno.test("a link is invalid as soon as a user exists", async () => {
  await using installation = await anInstallation();
  const { path, browser } = await aSetup(installation);
  const opened = await browser.open(path);
  await installation.boot({ users: [{ username: "tom", password: "quiet harbour" }] });

  assertDead(await browser.open(path));
  assertDead(await browser.submit(opened, mara));
});

Deno.test("a link of the previous master key stays valid while that key is set", async () => {
  await using installation = await anInstallation();
  const { path } = await aSetup(installation);
  const deps = await installation.process({ key: newKey, previous: oldKey });

  assertEquals((await aBrowser(deps).open(path)).response.status, 200);
});

Deno.test("a wrong or missing token shows how to get a valid one", async () => {
  await using installation = await anInstallation();
  const { browser } = await aSetup(installation);
  for (const query of ["", "?token=", "?token=a&token=b", `?token=${"A".repeat(43)}`]) {
    assertDead(await browser.open(`/setup${query}`));
  }
});

Deno.test("a form that has to be corrected spends nothing, and keeps what was typed", async () => {
  const cases: [Record<string, string>, string[]][] = [
    [{ username: "" }, ["username"]],
    [{ username: "m".repeat(257) }, ["username"]],
    [{ name: "  " }, ["name"]],
    [{ email: "mara" }, ["email"]],
    [{ password: "short", password_repeat: "short" }, ["password"]],
    [{ password: "", password_repeat: "" }, ["password"]],
    [{ password: "x".repeat(129), password_repeat: "x".repeat(129) }, ["password"]],
    [{ password_repeat: "another one" }, ["password_repeat"]],
    [{ password_repeat: "" }, ["password_repeat"]],
    [{ username: "", email: "@", password: "" }, ["username", "email", "password"]],
  ];
  await using installation = await anInstallation();
  const { path, browser } = await aSetup(installation);
  let landing = await browser.open(path);

  for (const [changes, fields] of cases) {
    landing = await browser.submit(landing, { ...mara, ...changes });
    assertEquals(landing.response.status, 400);
    for (const field of fields) assertStringIncludes(landing.body, `href="#${field}"`);
    assertEquals(landing.body.split('href="#').length - 2, fields.length, landing.body);
    assert(!landing.body.includes(mara.password), "a password is in the page");
  }
  const kept = await browser.submit(landing, { ...mara, password: "short" });
  assertStringIncludes(kept.body, 'value="Mara Lindqvist"');
  assertEquals((await browser.submit(kept, mara)).url.pathname, "/setup/done");
});

Deno.test("a form of another site, another browser or another link is refused", async () => {
  await using installation = await anInstallation();
  const { deps, path, browser } = await aSetup(installation);
  const opened = await browser.open(path);
  const { hidden } = formOf(opened.body);
  const body = () => new URLSearchParams({ ...hidden, ...mara });

  const refused = [
    await browser.send("/setup", {
      method: "POST",
      body: body(),
      headers: { origin: "https://evil.example" },
    }),
    await aBrowser(deps).send("/setup", { method: "POST", body: body() }),
    await browser.send("/setup", {
      method: "POST",
      body: new URLSearchParams({ ...hidden, ...mara, token: "A".repeat(43) }),
    }),
    await browser.send("/setup", { method: "POST", body: new URLSearchParams(mara) }),
  ];

  assertEquals(refused.map(({ status }) => status), [400, 400, 400, 400]);
  assert(await needsSetup(deps));
});

Deno.test("the page speaks German", async () => {
  await using installation = await anInstallation();
  const { path, browser } = await aSetup(installation);
  const german = { headers: { "accept-language": "de" } };

  assertStringIncludes((await browser.open(path, german)).body, "Das erste Konto anlegen");
  assertStringIncludes((await browser.open("/setup", german)).body, "Link zur Einrichtung");
});

async function aSetup(installation: Installation) {
  const { deps, setupLink } = await installation.boot();
  if (setupLink === null) throw new Error("no setup link");
  return { deps, setupLink, path: pathOf(setupLink), browser: aBrowser(deps) };
}

function aBrowser(deps: Deps): Browser {
  const setup = wing(deps, [...setupRoutes(deps), ...errorPageRoutes(deps)]).app;
  const app = new Hono<AppEnv>().use(requestContext(deps)).route("/", setup);
  app.onError(renderError(deps));
  return newBrowser(
    async (path, init) => await app.fetch(new Request(new URL(path, issuer), init)),
    issuer,
  );
}

function pathOf(setupLink: string): string {
  assert(setupLink.startsWith(`${issuer}/setup?token=`));
  return setupLink.slice(issuer.length);
}

function assertDead(landing: { response: Response; body: string }) {
  assertEquals(landing.response.status, 400);
  assertStringIncludes(landing.body, "This setup link does not work");
  assert(!landing.body.includes("<form"));
}
