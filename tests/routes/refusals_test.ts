import { assert, assertEquals, assertMatch } from "@std/assert";
import type { RefusalReason } from "../../src/protocol/errors.ts";
import { refusalReasons } from "../../src/protocol/refusal_reasons.ts";
import { ask, signedInBrowser, submitLogin } from "../support/authorization.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { enterCode, giveApp, giveRecoveryCodes } from "../support/factors.ts";
import { askForMail, newestCode, wrong } from "../support/mail_sign_in.ts";
import { sendCredential } from "../support/passkeys.ts";
import { alice, aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, editUser } from "../support/records.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { signIn, signInOffline, tokensOf } from "../support/tokens.ts";

interface Line {
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

const carol = { username: "carol", password: "carol's long password" };
const secrets = [alice.password, carol.password, "the secret of shop", "a made-up secret"];
const inventedNames = ["nobody-knows-this-name", "made-up-client"];

/** A development server whose log is read. */
async function aToldProvider() {
  const lines: Line[] = [];
  const logger = {
    ...silentLogger,
    info: (message: string, fields: Record<string, unknown> = {}) =>
      lines.push({ message, fields }),
  };
  const provider = await aProvider({
    logger,
    config: { environment: "development" },
    users: [alice, carol],
    clients: [
      aClient("shop"),
      aClient("desk"),
      aPublicClient("app", { web_origins: ["https://app.example"] }),
    ],
  });
  const refusals = () => lines.filter(({ fields }) => fields.reason !== undefined);
  return { provider, lines, refusals };
}

interface Refused {
  readonly reason: RefusalReason;
  /** What is asked, and the answer. */
  readonly refuse: (provider: TestProvider) => Promise<Response>;
  /** Null: none that is registered is known. */
  readonly client?: string | null;
  readonly account?: string;
  /** The type of the audit event, if there is one. */
  readonly audited?: string;
}

const form = { grant_type: "client_credentials", token: "x" };
const wrongSecret = { client_id: "shop", client_secret: "a made-up secret" };
const madeUp = { client_id: "made-up-client", client_secret: "a made-up secret" };
const failed = "client_authentication_failed";

function introspectAs(provider: TestProvider, client: string, token: string) {
  return provider.post("/introspect", { token, ...provider.credentials(client) });
}

async function aCode(provider: TestProvider): Promise<string> {
  return await provider.authorize({ client: "shop" });
}

const clientRefusals: Refused[] = ["/token", "/par", "/introspect", "/revoke"].flatMap((path) => [
  {
    reason: "client_secret_wrong",
    refuse: (provider) => provider.post(path, { ...form, ...wrongSecret }),
    client: "shop",
    audited: failed,
  },
  {
    reason: "client_unknown",
    refuse: (provider) => provider.post(path, { ...form, ...madeUp }),
    audited: failed,
  },
  {
    reason: "client_secret_missing",
    refuse: (provider) => provider.post(path, { ...form, client_id: "shop" }),
    client: "shop",
  },
  {
    reason: "client_secret_unexpected",
    refuse: (provider) => provider.post(path, { ...form, ...madeUp, client_id: "app" }),
    client: "app",
  },
  { reason: "client_id_missing", refuse: (provider) => provider.post(path, form) },
  {
    reason: "client_credentials_malformed",
    refuse: (provider) => provider.post(path, form, { authorization: "Basic x" }),
  },
  {
    reason: "invalid_request",
    refuse: (provider) => provider.request(path, { method: "POST", body: "{}" }),
  },
]);

const tokenRefusals: Refused[] = [
  {
    reason: "client_not_allowed",
    refuse: (provider) => provider.post("/introspect", { token: "x", client_id: "app" }),
    client: "app",
  },
  {
    reason: "client_page_unregistered",
    refuse: (provider) =>
      provider.post("/session/token/verify", { token: "x", client_id: "app" }, {
        origin: "https://evil.example",
      }),
    client: "app",
    audited: failed,
  },
  {
    reason: "unsupported_grant_type",
    refuse: (provider) =>
      provider.post("/token", { grant_type: "password", ...provider.credentials("shop") }),
  },
  {
    reason: "unauthorized_client",
    refuse: (provider) => provider.post("/token", { ...form, ...provider.credentials("shop") }),
    client: "shop",
  },
  {
    reason: "code_unknown",
    refuse: (provider) => provider.exchange("made.up"),
    client: "shop",
  },
  {
    reason: "code_other_client",
    refuse: async (provider) => await provider.exchange(await aCode(provider), { client: "desk" }),
    client: "desk",
    audited: "token_refused",
  },
  {
    reason: "code_verifier_wrong",
    refuse: async (provider) =>
      await provider.exchange(await aCode(provider), {
        parameters: { code_verifier: "x".repeat(43) },
      }),
    client: "shop",
    audited: "token_refused",
  },
  {
    reason: "redirect_uri_wrong",
    refuse: async (provider) =>
      await provider.exchange(await aCode(provider), {
        parameters: { redirect_uri: "https://evil.example/" },
      }),
    client: "shop",
    audited: "token_refused",
  },
  {
    reason: "code_used",
    refuse: async (provider) => {
      const code = await aCode(provider);
      await tokensOf(await provider.exchange(code));
      return await provider.exchange(code);
    },
    client: "shop",
    account: "alice",
    audited: "grant_ended",
  },
  {
    reason: "grant_ended",
    refuse: async (provider) => {
      const code = await aCode(provider);
      await editUser(provider, "alice", { status: "suspended" });
      const response = await provider.exchange(code);
      await editUser(provider, "alice", { status: "active" });
      return response;
    },
    client: "shop",
    account: "alice",
  },
  {
    reason: "refresh_token_unknown",
    refuse: (provider) => provider.refresh("made up"),
    client: "shop",
  },
  {
    reason: "refresh_token_used",
    refuse: async (provider) => {
      const { refresh_token } = await signInOffline(provider);
      await tokensOf(await provider.refresh(refresh_token));
      provider.clock.advance(61);
      return await provider.refresh(refresh_token);
    },
    client: "shop",
    account: "alice",
    audited: "grant_ended",
  },
  {
    reason: "invalid_dpop_proof",
    refuse: (provider) =>
      provider.post("/token", { ...form, ...provider.credentials("shop") }, { dpop: "x" }),
  },
  {
    reason: "access_token_missing",
    refuse: (provider) => provider.request("/userinfo"),
  },
  {
    reason: "access_token_unknown",
    refuse: (provider) =>
      provider.request("/userinfo", { headers: { authorization: "Bearer made-up" } }),
  },
  {
    reason: "key_wrong",
    refuse: async (provider) => {
      const { access_token } = await signIn(provider);
      const key = await aDpopKey(provider);
      const path = "/userinfo";
      const dpop = await key.proof({ method: "GET", path, accessToken: access_token });
      return await provider.request(path, {
        headers: { authorization: `DPoP ${access_token}`, dpop },
      });
    },
    client: "shop",
    account: "alice",
    audited: "token_refused",
  },
];

const inactiveTokens: Refused[] = [
  {
    reason: "access_token_unknown",
    refuse: (provider) => introspectAs(provider, "desk", "made-up"),
    client: "desk",
  },
  {
    reason: "introspection_not_allowed",
    refuse: async (provider) =>
      await introspectAs(provider, "desk", (await signIn(provider)).access_token),
    client: "desk",
    account: "alice",
  },
  {
    reason: "introspection_not_allowed",
    refuse: async (provider) =>
      await introspectAs(provider, "desk", (await signInOffline(provider)).refresh_token),
    client: "desk",
  },
];

const authorizationRefusals: Refused[] = [
  {
    reason: "client_id_unknown",
    refuse: (provider) => provider.request("/authorize?client_id=made-up-client"),
  },
  {
    reason: "redirect_uri_mismatch",
    refuse: (provider) =>
      provider.request(
        provider.authorizeUrl({ parameters: { redirect_uri: "https://evil.example/" } }),
      ),
    client: "shop",
    audited: "authorization_refused",
  },
  {
    reason: "login_required",
    refuse: (provider) =>
      provider.request(provider.authorizeUrl({ parameters: { prompt: "none" } })),
    client: "shop",
  },
  {
    reason: "consent_required",
    refuse: async (provider) => {
      const browser = await signedInBrowser(provider, { parameters: { scope: "openid" } });
      const parameters = { prompt: "none", scope: "openid email" };
      return await browser.send(provider.authorizeUrl({ parameters, client: "desk" }));
    },
    client: "desk",
    account: "alice",
  },
  {
    reason: "redirect_uri_mismatch",
    refuse: (provider) =>
      provider.post("/par", { ...provider.credentials("shop"), redirect_uri: "x" }),
    client: "shop",
    audited: "authorization_refused",
  },
  {
    reason: "invalid_request_uri",
    refuse: (provider) =>
      provider.request(
        "/authorize?client_id=shop&request_uri=urn:ietf:params:oauth:request_uri:made-up",
      ),
  },
];

const inPages: (Omit<Refused, "refuse"> & {
  readonly refuse: (provider: TestProvider) => Promise<unknown>;
})[] = [
  {
    reason: "password_wrong",
    refuse: async (provider) => {
      const browser = provider.browser();
      const person = { ...alice, password: "a made-up secret" };
      await submitLogin(browser, await ask(provider, { browser }), person);
    },
    account: "alice",
  },
  {
    reason: "user_unknown",
    refuse: async (provider) => {
      const browser = provider.browser();
      const person = { ...alice, username: "nobody-knows-this-name" };
      await submitLogin(browser, await ask(provider, { browser }), person);
    },
  },
  {
    reason: "user_suspended",
    refuse: async (provider) => {
      await editUser(provider, "carol", { status: "suspended" });
      const browser = provider.browser();
      await submitLogin(browser, await ask(provider, { browser }), carol);
    },
    account: "carol",
  },
  {
    reason: "email_code_wrong",
    refuse: async (provider) => {
      const { browser, page } = await askForMail(provider, "code");
      await browser.submit(page, { code: wrong(await newestCode(provider)) });
    },
    account: "alice",
  },
  {
    reason: "passkey_refused",
    refuse: async (provider) => {
      const browser = provider.browser();
      await sendCredential(browser, await ask(provider, { browser }), "made up");
    },
  },
  {
    reason: "totp_code_wrong",
    refuse: async (provider) => {
      await giveApp(provider);
      const browser = provider.browser();
      const page = await submitLogin(browser, await ask(provider, { browser }));
      await enterCode(browser, page, "000000");
    },
    account: "alice",
  },
  {
    reason: "recovery_code_wrong",
    refuse: async (provider) => {
      await giveRecoveryCodes(provider);
      const browser = provider.browser();
      const page = await submitLogin(browser, await ask(provider, { browser }));
      await enterCode(browser, page, "AAAA-AAAA-AAAA");
      await editUser(provider, "alice", { totp: null });
    },
    account: "alice",
  },
];

Deno.test("every refusal of an endpoint leaves one log line and its audit event, and development shows the reason", async () => {
  const { provider, refusals, lines } = await aToldProvider();
  await using _ = provider;
  for (const refused of [...clientRefusals, ...tokenRefusals, ...authorizationRefusals]) {
    lines.length = 0;
    const before = await eventIds(provider);
    const response = await refused.refuse(provider);
    const body = await response.text();
    await assertTold(provider, refusals(), refused);
    const label = `${refused.reason} ${refusals()[0]?.message}`;
    assert(response.status >= 300, label);
    assertEquals(response.headers.get("latchkey-reason"), refused.reason, label);
    const told = response.headers.get("location") ?? body;
    assert(told.includes(refused.reason) || told.includes(`"error":"${refused.reason}"`), label);
    const types = (await auditTrail(provider))
      .filter(({ id }) => !before.has(id))
      .filter(({ outcome, type }) => outcome === "failure" || type === "grant_ended")
      .map(({ type }) => type);
    assertEquals(types, refused.audited === undefined ? [] : [refused.audited], label);
    provider.clock.advance(3601); // the budget of events is for an hour
  }
});

Deno.test("introspection of a token that is inactive for its caller leaves one log line with the reason", async () => {
  const { provider, refusals, lines } = await aToldProvider();
  await using _ = provider;
  for (const refused of inactiveTokens) {
    lines.length = 0;
    const response = await refused.refuse(provider);
    assertEquals(await response.json(), { active: false });
    assertEquals(response.headers.get("latchkey-reason"), refused.reason);
    await assertTold(provider, refusals(), refused);
  }
});

Deno.test("every refused sign-in leaves one log line and one audit event, with every method", async () => {
  const { provider, refusals, lines } = await aToldProvider();
  await using _ = provider;
  for (const refused of inPages) {
    lines.length = 0;
    const before = await eventIds(provider);
    await refused.refuse(provider);
    await assertTold(provider, refusals(), refused);
    const events = (await auditTrail(provider))
      .filter(({ id, type }) => !before.has(id) && type === "sign_in_failed");
    const isParsed = refused.reason !== "passkey_refused"; // what is no credential reaches no step
    assertEquals(
      events.map(({ about }) => about),
      isParsed ? [refused.reason] : [],
      refused.reason,
    );
  }
});

async function eventIds(provider: TestProvider): Promise<Set<string>> {
  return new Set((await auditTrail(provider)).map(({ id }) => id));
}

async function assertTold(
  provider: TestProvider,
  refusals: readonly Line[],
  { reason, client = null, account }: Omit<Refused, "refuse">,
) {
  assertEquals(refusals.map(({ fields }) => fields.reason), [reason]);
  const [line] = refusals;
  if (!line) return;
  const { fields, message } = line;
  if (client !== null) assertEquals(fields.client, client, reason);
  if (client !== null) assertMatch(message, new RegExp(`^client "${client}" was refused at `));
  const userId = account && (await provider.userOf(account)).userId;
  assertEquals(fields.account, userId, reason);
  assertEquals(fields.address, "203.0.113.7", reason);
  assertMatch(String(fields.requestId), /^[A-Za-z0-9_-]{22}$/);
  const text = JSON.stringify(line);
  for (const hidden of [...secrets, ...inventedNames]) assert(!text.includes(hidden), text);
}

Deno.test("a refusal by a limit leaves a log line too: for a client's failures, for password guesses, for requests of an address", async () => {
  const lines: Line[] = [];
  const logger = {
    ...silentLogger,
    info: (message: string, fields: Record<string, unknown> = {}) =>
      lines.push({ message, fields }),
  };
  await using provider = await aProvider({ logger, config: { rateLimits: true } });
  for (let i = 0; i < 11; i++) {
    await provider.post("/token", { ...form, ...wrongSecret, client_secret: `guess ${i}` });
  }
  const browser = provider.browser();
  const page = await ask(provider, { browser });
  for (let i = 0; i < 40; i++) {
    await submitLogin(browser, page, { ...alice, password: "a made-up secret" });
  }
  for (let i = 0; i < 301; i++) await provider.request("/userinfo");
  const limited = lines.filter(({ fields }) => fields.reason === "rate_limited");
  const routes = new Set(limited.map(({ message }) => / at (\w+ \S+):/.exec(message)?.[1]));
  for (const route of ["POST /token", "POST /login"]) assert(routes.has(route), [...routes].join());
  for (const line of limited) assert(!JSON.stringify(line).includes("a made-up secret"));
});

Deno.test("an answer contains no reason in production", async () => {
  await using provider = await aProvider();
  const response = await provider.post("/token", { ...form, ...wrongSecret });
  assertEquals(response.headers.has("latchkey-reason"), false);
  assertEquals((await response.json()).error_description, "client authentication failed");
});

Deno.test("a flood of refusals leaves one log line each, but only a few audit events an hour", async () => {
  const { provider, refusals } = await aToldProvider();
  await using _ = provider;
  const flood = async (address: string) => {
    const body = new URLSearchParams({ ...form, ...wrongSecret });
    await provider.request("/token", { method: "POST", body, address });
  };
  const events = async () =>
    (await auditTrail(provider)).filter(({ type }) => type === failed).length;
  for (let i = 0; i < 20; i++) await flood("192.0.2.1");
  assertEquals([refusals().length, await events()], [20, 5]);
  await flood("192.0.2.2");
  assertEquals(await events(), 6);
  for (let i = 0; i < 70; i++) await flood(`198.51.100.${i}`);
  assertEquals(await events(), 50);
  provider.clock.advance(3600);
  await flood("192.0.2.1");
  assertEquals(await events(), 51);
});

Deno.test("the documents list each reason with its meaning", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));
  for (const [reason, { means }] of Object.entries(refusalReasons)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${reason}\``));
    assert(row?.includes(means), `${reason}: ${means}`);
  }
});
