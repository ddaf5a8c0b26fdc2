import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { passwordCredential } from "../../src/authn/new_accounts/new_credential.ts";
import { createFirstAdministrator, isSetupToken } from "../../src/authn/new_accounts/setup.ts";
import { bootstrap } from "../../src/boot/bootstrap.ts";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { tryAcquire } from "../../stores/engine/leases.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import {
  ask,
  isSignedIn,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { formOf } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { newestLink } from "../support/mails.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { introspect, signIn, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";
import { anInstallation } from "./installation.ts";
import { eventTypes, readProvider } from "./store_contents.ts";

const page = "https://shop.op.example";
const shop = aClient("shop", {
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  web_origins: [page],
});

/** What can be given out: how, and whether it still opens its door. */
const given: Record<string, (provider: TestProvider) => Promise<() => Promise<boolean>>> = {
  "a session": async (provider) => {
    const cookie = sessionCookie(await signedInBrowser(provider));
    return () => isSignedIn(provider, cookie);
  },
  "the extension of a session": async (provider) => {
    const browser = await signedInBrowser(provider);
    return async () => {
      const form = { method: "POST", body: new URLSearchParams() };
      return (await (await browser.send("/session/extend", form)).json()).signed_in;
    };
  },
  "an authorization code": async (provider) => {
    const code = await provider.authorize();
    return async () => (await provider.exchange(code)).ok;
  },
  "an access token": async (provider) => {
    const { access_token } = await signIn(provider);
    return async () => (await userinfo(provider, access_token)).ok;
  },
  "an access token for offline access": async (provider) => {
    const { access_token } = await signInOffline(provider);
    return async () => (await introspect(provider, access_token)).active === true;
  },
  "a client's token for itself": async (provider) => {
    const form = { grant_type: "client_credentials", ...provider.credentials() };
    const { access_token } = await tokensOf(await provider.post("/token", form));
    return async () => (await introspect(provider, access_token)).active === true;
  },
  "a refresh token": async (provider) => {
    const { refresh_token } = await signInOffline(provider);
    return async () => (await provider.refresh(refresh_token)).ok;
  },
  "what introspection says of a refresh token": async (provider) => {
    const { refresh_token } = await signInOffline(provider);
    return async () => (await introspect(provider, refresh_token)).active === true;
  },
  "a pending sign-in": async (provider) => {
    const browser = provider.browser();
    const login = await ask(provider, { browser });
    return async () => outcomeOf(await submitLogin(browser, login)) === "consent";
  },
  "a pending consent": async (provider) => {
    const browser = provider.browser();
    const asked = await ask(provider, { browser, parameters: { prompt: "consent" } });
    const consent = await submitLogin(browser, asked);
    return async () => outcomeOf(await browser.submit(consent, { decision: "allow" })) === "code";
  },
  "a pushed request": async (provider) => {
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(new URL(provider.authorizeUrl(), page).searchParams),
      ...provider.credentials(),
    });
    const { request_uri } = await pushed.json();
    const url = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
    return async () => outcomeOf(await provider.browser().open(url)) === "login";
  },
  "a password reset": async (provider) => {
    const browser = provider.browser();
    const form = formOf((await browser.open("/password-reset")).body);
    const body = new URLSearchParams({ ...form.hidden, username: "alice" });
    await browser.open(form.action, { method: "POST", body });
    const link = await newestLink(provider);
    return async () => (await browser.open(link)).response.ok;
  },
  "a session token": async (provider) => {
    const browser = await signedInBrowser(provider);
    const body = new URLSearchParams({ client_id: "shop" });
    const headers = { origin: page };
    const asked = await browser.send("/session/token", { method: "POST", body, headers });
    const { token } = await asked.json();
    const form = { token, ...provider.credentials() };
    return async () => (await provider.post("/session/token/verify", form)).ok;
  },
};

for (const [what, give] of Object.entries(given)) {
  Deno.test(`after a restored backup ${what} from before is dead, and a new one is good`, async () => {
    await using provider = await aProvider({ clients: [shop] });
    const opensBefore = await give(provider);
    assertEquals(await opensBefore(), true, "what is tested does not work at all");
    const opens = await give(provider);

    await raiseEpoch(provider.deps);

    assertEquals(await opens(), false);
    const opensAfter = await give(provider);
    assertEquals(await opensAfter(), true);
  });
}

Deno.test("everything that a backup brings back is refused, and is not treated as a replay", async () => {
  await using provider = await aProvider();
  const code = await provider.authorize();
  const { refresh_token } = await signInOffline(provider);
  await raiseEpoch(provider.deps);
  await provider.exchange(code);
  await provider.refresh(refresh_token);
  const types = (await auditTrail(provider)).map(({ type }) => type);
  assertEquals(types.filter((type) => type === "grant_ended"), []);
});

Deno.test("after a restore nobody has to wait for the lease of work that a backup interrupted", async () => {
  await using provider = await aProvider();
  const { kv } = provider.deps;
  const take = (holder: string) => tryAcquire(kv, { name: "sealing", lifetime: 300, holder });
  assert(await take("of before"));
  assertEquals(await take("another"), null);
  await raiseEpoch(provider.deps);
  assert(await take("of after"));
});

Deno.test("a setup link that was used after the backup stays invalid after the restore", async () => {
  await using installation = await anInstallation();
  const before = await installation.boot();
  const token = new URL(before.setupLink ?? "").searchParams.get("token") ?? "";
  const credential = passwordCredential(before.deps, "quiet harbour");
  const account = { username: "mallory", name: "M", email: null, credential };
  const origin = { address: null, requestId: null };
  assert(await isSetupToken(before.deps, token));

  const restored = await installation.boot(undefined, { config: { restored: true } });

  assert(!await isSetupToken(restored.deps, token));
  const refused = await createFirstAdministrator(restored.deps, {
    origin,
    token,
    account,
    userAgent: null,
  });
  assertEquals(refused.kind, "dead");
  assertNotEquals(restored.setupLink, before.setupLink);
  const another = new URL(restored.setupLink ?? "").searchParams.get("token") ?? "";
  const made = await createFirstAdministrator(restored.deps, {
    origin,
    token: another,
    account,
    userAgent: null,
  });
  assertEquals(made.kind, "made");
});

Deno.test("each start with LATCHKEY_RESTORED raises the epoch, with an event and a warning", async () => {
  await using installation = await anInstallation();
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const boot = async (restored: boolean): Promise<Deps> => {
    const deps = await installation.process();
    return { ...deps, logger, config: { ...deps.config, restored } };
  };
  for (const [restored, epoch] of [[false, 1], [true, 2], [false, 2], [true, 3]] as const) {
    const deps = await boot(restored);
    await bootstrap(deps, { bootstrapText: null });
    assertEquals((await readProvider(deps)).epoch, epoch);
  }
  const { deps } = await installation.boot();
  const events = (await eventTypes(deps)).filter((type) => type === "backup_restored");
  assertEquals([events.length, warnings.length], [2, 2]);
  for (const warning of warnings) assertStringIncludes(warning, "Remove it now");
});
