import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import * as sessions from "../../stores/sessions.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import { parseSessionCookie } from "../../src/sessions/session_cookie.ts";
import { digest } from "../../src/crypto/digest.ts";
import {
  ask,
  bob,
  codeAt,
  outcomeOf,
  sessionCookie,
  submitLogin,
} from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { asking, detailsProvider, look } from "../support/authorization_details.ts";
import { aClient } from "../support/clients.ts";
import { enterCode, giveApp, secondFactorPath, signInFor } from "../support/factors.ts";
import { alice, aProvider, type TestProvider, type UserEntry } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { introspect, tokensOf } from "../support/tokens.ts";

/** Who is signed in in the browser, 100 seconds before: nobody, or alice by these means. */
type Session = "nobody" | "pwd" | "pwd otp" | "passkey";
/** What alice has beside a password. */
type Has = "nothing" | "app" | "passkey" | "app passkey";

const two = "urn:latchkey:acr:2fa";
const essential = (value: string) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, values: [value] } } }),
});
const asks = {
  nothing: {},
  "two factors": { acr_values: two },
  "a passkey": { acr_values: "phr" },
  "a passkey, or two factors": { acr_values: `phr ${two}` },
  "two factors as a must": essential(two),
  "a passkey as a must": essential("phr"),
  "what nobody knows": { acr_values: "gold" },
  "what nobody knows as a must": essential("gold"),
  "a sign-in of the last minute": { max_age: "60" },
  "two factors of the last minute": { max_age: "60", acr_values: two },
  "a sign-in now": { prompt: "login" },
  "two factors as a must, now": { prompt: "login", ...essential(two) },
  "two factors, and no page": { prompt: "none", acr_values: two },
  "two factors as a must, and no page": { prompt: "none", ...essential(two) },
};

const before1 = "1fa before: pwd";
const before2 = "2fa before: pwd otp mfa";
const stepped = "2fa before: pwd otp mfa";
const now1 = "1fa now: pwd";
const now2 = "2fa now: pwd otp mfa";
const unmet = "error unmet_authentication_requirements";

/** Each with the page that comes, and what the ID token says in the end; or the client's error. */
const table: [Session, Has, keyof typeof asks, page: string, end: string][] = [
  ["nobody", "nothing", "nothing", "login", now1],
  ["nobody", "app", "nothing", "login", now2],
  ["pwd", "nothing", "nothing", "code", before1],
  ["pwd", "app", "nothing", "code", before1],
  ["pwd otp", "app", "nothing", "code", before2],
  ["passkey", "passkey", "nothing", "code", "phr before: hwk user"],

  ["nobody", "nothing", "two factors", "login", now1],
  ["nobody", "app", "two factors", "login", now2],
  ["pwd", "nothing", "two factors", "code", before1],
  ["pwd", "app", "two factors", "second factor", stepped],
  ["pwd", "passkey", "two factors", "passkey", ""],
  ["pwd", "app passkey", "two factors", "second factor", stepped],
  ["pwd otp", "app", "two factors", "code", before2],
  ["passkey", "passkey", "two factors", "code", "2fa before: hwk user"],

  ["pwd", "nothing", "a passkey", "code", before1],
  ["pwd", "app", "a passkey", "code", before1],
  ["pwd", "passkey", "a passkey", "passkey", ""],
  ["pwd otp", "app passkey", "a passkey", "passkey", ""],
  ["passkey", "passkey", "a passkey", "code", "phr before: hwk user"],
  ["pwd", "app", "a passkey, or two factors", "second factor", stepped],
  ["passkey", "passkey", "a passkey, or two factors", "code", "phr before: hwk user"],

  ["nobody", "nothing", "two factors as a must", "login", unmet],
  ["nobody", "app", "two factors as a must", "login", now2],
  ["pwd", "nothing", "two factors as a must", unmet, unmet],
  ["pwd", "app", "two factors as a must", "second factor", stepped],
  ["pwd", "passkey", "two factors as a must", "passkey", ""],
  ["pwd otp", "app", "two factors as a must", "code", before2],
  ["pwd", "app", "a passkey as a must", unmet, unmet],
  ["pwd otp", "app", "a passkey as a must", unmet, unmet],
  ["pwd", "passkey", "a passkey as a must", "passkey", ""],
  ["passkey", "passkey", "a passkey as a must", "code", "phr before: hwk user"],

  ["pwd", "app", "what nobody knows", "code", before1],
  ["pwd otp", "app", "what nobody knows as a must", unmet, unmet],

  ["pwd", "nothing", "a sign-in of the last minute", "login", now1],
  ["pwd", "app", "a sign-in of the last minute", "login", now2],
  ["pwd otp", "app", "a sign-in of the last minute", "login", now2],
  ["pwd", "app", "two factors of the last minute", "login", now2],

  ["pwd", "nothing", "a sign-in now", "login", now1],
  ["pwd otp", "app", "a sign-in now", "login", now2],
  ["pwd otp", "app", "two factors as a must, now", "login", now2],
  ["pwd", "nothing", "two factors as a must, now", "login", unmet],

  ["pwd", "nothing", "two factors, and no page", "code", before1],
  ["pwd", "app", "two factors, and no page", unmet, unmet],
  ["pwd otp", "app", "two factors, and no page", "code", before2],
  ["pwd", "nothing", "two factors as a must, and no page", unmet, unmet],
  ["pwd otp", "app", "two factors as a must, and no page", "code", before2],
];

for (const [session, has, asked, page, end] of table) {
  Deno.test(`signed in by ${session}, with ${has}: a request for ${asked} gets ${page}`, async () => {
    const shop = aClient("shop", { skip_consent: true });
    await using provider = await aProvider({ clients: [shop] });
    const browser = provider.browser();
    const app = session === "pwd otp" ? await giveApp(provider) : null;
    if (session !== "nobody") await signInFor(browser, "/account", app ? { app } : {});
    if (session === "passkey") await makeItAPasskeys(provider, browser);
    const held = app ?? (has.includes("app") ? await giveApp(provider) : null);
    if (has.includes("passkey")) await editUser(provider, "alice", { passkeys: ["a-passkey"] });
    const signedInAt = provider.clock.seconds();
    provider.clock.advance(100);

    const parameters = { scope: "openid", ...asks[asked] };
    let landing = await ask(provider, { browser, parameters });
    assertEquals(await pageOf(provider, browser, landing), page);
    if (page === "passkey") return;
    const cookieBefore = sessionCookie(browser);
    if (landing.url.pathname === "/login") landing = await submitLogin(browser, landing);
    if (landing.url.pathname === secondFactorPath) {
      landing = await enterCode(browser, landing, held?.code() ?? "");
    }
    if (page === "login" || page === "second factor") {
      assert(
        sessionCookie(browser) !== cookieBefore,
        "a gain of privilege keeps the session's secret",
      );
    }
    if (outcomeOf(landing) !== "code") return assertEquals(outcomeOf(landing), end);
    const { id_token } = await tokensOf(await provider.exchange(codeAt(landing)));
    const { acr, amr, auth_time } = decodeJwt<{ acr: string; amr: string[]; auth_time: number }>(
      id_token,
    );
    const when = auth_time === signedInAt
      ? "before"
      : auth_time === provider.clock.seconds()
      ? "now"
      : `at ${auth_time}`;
    assertEquals(`${acr.split(":").at(-1)} ${when}: ${amr.join(" ")}`, end);
  });
}

Deno.test("if another user signed in meanwhile and cannot meet an essential acr, the account chooser is shown", async () => {
  const ends: [UserEntry, end: string][] = [[alice, unmet], [bob, "code"]];
  for (const [person, end] of ends) {
    const clients = [aClient("shop", { skip_consent: true })];
    await using provider = await aProvider({ clients, users: [alice, bob] });
    const app = await giveApp(provider, "bob");
    const browser = provider.browser();
    const parameters = { scope: "openid", ...essential(two) };
    const login = await ask(provider, { browser, parameters });
    await signInFor(browser, "/account");
    const reloaded = await browser.open(login.url.pathname + login.url.search);
    assertEquals(outcomeOf(reloaded), "login");
    const wrong = await submitLogin(browser, reloaded, { ...person, password: "wrong" });
    assertEquals([wrong.response.status, wrong.url.pathname], [401, "/login"]);
    let landing = await submitLogin(browser, wrong, person);
    if (landing.url.pathname === secondFactorPath) {
      landing = await enterCode(browser, landing, app.code());
    }
    assertEquals(outcomeOf(landing), end);
  }
});

Deno.test("the acr values that an API has asked for are met, or the application hears that they cannot be", async () => {
  const api = { resource: "https://api.example", scopes: ["read"] };
  const shop = aClient("shop", { skip_consent: true, scope: "openid read" });
  await using provider = await aProvider({ clients: [shop], resources: [api] });
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const asked = async (parameters: Record<string, string>) => {
    const landing = await ask(provider, {
      browser,
      parameters: { scope: "openid read", ...parameters },
    });
    return landing.url.pathname === secondFactorPath ? "second factor" : outcomeOf(landing);
  };
  const { resource } = api;
  assertEquals(await asked({ resource }), "code");
  // Without an API they are a wish, as OpenID Connect has it.
  assertEquals(await asked({ scope: "openid", acr_values: two }), "code");
  assertEquals(await asked({ resource, acr_values: "urn:latchkey:acr:1fa" }), "code");
  for (const acr_values of [two, "phr", "gold", `gold ${two}`]) {
    assertEquals(await asked({ resource, acr_values }), unmet, acr_values);
  }
  await giveApp(provider);
  assertEquals(await asked({ resource, acr_values: `phr ${two}` }), "second factor");
  assertEquals(await asked({ resource, acr_values: "phr" }), unmet);
});

Deno.test("acr values for an API and an acr in claims are two requirements, and neither replaces the other", async () => {
  const api = { resource: "https://api.example", scopes: ["read"] };
  const shop = aClient("shop", { skip_consent: true, scope: "openid read" });
  await using provider = await aProvider({ clients: [shop], resources: [api] });
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const one = "urn:latchkey:acr:1fa";
  const wish = (value: string) => ({
    claims: JSON.stringify({ id_token: { acr: { values: [value] } } }),
  });
  const askBoth = async (claims: { readonly claims: string }, acr_values: string) => {
    const { resource } = api;
    const parameters = { scope: "openid read", resource, acr_values, ...claims };
    return await ask(provider, { browser, parameters });
  };
  for (const claims of [wish(one), essential(one)]) {
    assertEquals(outcomeOf(await askBoth(claims, two)), unmet, claims.claims);
  }
  assertEquals(outcomeOf(await askBoth(essential(two), one)), unmet);
  assertEquals(outcomeOf(await askBoth(essential("gold"), one)), unmet);
  // A wish beside what must be met stays one.
  assertEquals(outcomeOf(await askBoth(wish("gold"), one)), "code");

  const app = await giveApp(provider);
  const page = await askBoth(essential(one), two);
  assertEquals(page.url.pathname, secondFactorPath);
  const code = codeAt(await enterCode(browser, page, app.code()));
  const tokens = await tokensOf(await provider.exchange(code));
  assertEquals((await introspect(provider, tokens.access_token)).acr, two);
  assertEquals(outcomeOf(await askBoth(essential(two), one)), "code");
});

Deno.test("with authorization_details the acr values must be met, too", async () => {
  await using provider = await aProvider(detailsProvider);
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const asked = async (parameters: Record<string, string>) =>
    outcomeOf(await ask(provider, { browser, parameters: { scope: "openid", ...parameters } }));
  assertEquals(await asked({ ...asking(look), acr_values: two }), unmet);
  assertEquals(await asked(asking(look)), "consent");
  assertEquals(await asked({ acr_values: two }), "consent");
});

Deno.test("a second factor does not extend the maximum lifetime of a session", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  await signInFor(browser, "/account");
  const app = await giveApp(provider);
  const status = async () => await (await browser.send("/session")).json();
  const { ends_at } = await status();
  provider.clock.advance(100);
  const page = await ask(provider, { browser, parameters: { acr_values: two } });
  await enterCode(browser, page, app.code());
  const after = await status();
  assertEquals([after.acr, after.ends_at], [two, ends_at]);
});

/** Where a browser has ended, as the table calls it. */
async function pageOf(
  provider: TestProvider,
  browser: Browser,
  landing: Landing,
): Promise<string> {
  if (landing.url.pathname === secondFactorPath) return "second factor";
  if (!landing.url.pathname.startsWith("/login")) return outcomeOf(landing);
  const { step } = await readPendingSignIn(provider.deps, {
    interactionId: landing.url.searchParams.get("interaction") ?? "",
    browserDigest: await digest(browser.cookies.get("__Host-latchkey_browser") ?? ""),
    session: await parseSessionCookie(sessionCookie(browser)),
  });
  return step.kind === "sign_in" ? "login" : step.kind;
}

/** Makes the browser's session one that a passkey has opened. */
async function makeItAPasskeys(provider: TestProvider, browser: Browser) {
  const sessionId = sessionCookie(browser)?.split(".")[1] ?? "";
  await provider.deps.kv.step(systemOrigin, async (tx) => {
    const { session } = await tx.read({ session: sessions.ref(sessionId) });
    assert(session.value !== null);
    sessions.renew(tx, session, { acr: "phr", amr: ["hwk", "user"] });
  });
}
