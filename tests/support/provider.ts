import { cacheReads } from "../../stores/engine/read_cache.ts";
import { newDeps } from "../../src/boot/new_deps.ts";
import { ownerOfName, usernameRef } from "../../stores/user_names.ts";
import { type KvBackend, systemTimers, type Timers } from "../../stores/engine/kv.ts";
import type { KvObserver } from "../../stores/engine/step.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import { assertProvider, type Provider } from "../../stores/provider.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { type App, createApp } from "../../routes/app.ts";
import { passwordHasher } from "../../src/authn/passwords/hasher.ts";
import { bootstrap } from "../../src/boot/bootstrap.ts";
import { unbranded } from "./brand.ts";
import type { Brand } from "../../src/deps/brand.ts";
import type { Config } from "../../src/config/config.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { consoleMailer } from "../../src/mail/console_mailer.ts";
import type { Mailer } from "../../src/deps/mailer.ts";
import type { Transport } from "../../src/deps/transport.ts";
import type { NativeSigning } from "../../src/deps/native_signing.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { type Browser, newBrowser } from "./browser.ts";
import { aClient, type ClientEntry, redirectUriOf } from "./clients.ts";
import { type TestClock, testClock } from "./clock.ts";
import { defaultConfig, issuer, testMasterKey } from "./config.ts";
import { copyServerRecords } from "./server_records.ts";
import { testNativeSigning } from "./libcrypto.ts";
import { appsOnStore, openTestStore } from "./test_store.ts";
import { silentLogger } from "./silent_logger.ts";

export { issuer };

export interface UserEntry {
  readonly username: string;
  readonly password: string;
  readonly claims?: Record<string, unknown>;
}

export interface ProviderOptions {
  readonly clients?: readonly ClientEntry[];
  readonly users?: readonly UserEntry[];
  readonly resources?: readonly Record<string, unknown>[];
  /** As the bootstrap file has them. */
  readonly authorizationDetailTypes?: readonly Record<string, unknown>[];
  readonly config?: Partial<Config>;
  readonly lifetimes?: Partial<Config["lifetimes"]>;
  /** Takes the mails; one that only remembers them unless the test has its own. */
  readonly mailer?: Mailer;
  readonly brand?: Brand;
  /** Takes the requests that leave; the network unless the test has its own. */
  readonly transport?: Transport;
  /** Wraps the store, to count or to break its calls. */
  readonly wrap?: (backend: KvBackend) => KvBackend;
  /** Whether the process remembers what a local store holds although the test wraps it. */
  readonly remembers?: boolean;
  /** Real ones, unless the test has no time. */
  readonly timers?: Timers;
  /** Silent, unless the test reads what is logged. */
  readonly logger?: Logger;
  readonly observer?: KvObserver;
  /** Makes signatures instead of WebCrypto. */
  readonly nativeSigning?: NativeSigning;
  /** Aborted when the process is told to stop. */
  readonly stopping?: AbortSignal;
}

/** The person that every test provider has unless it is told otherwise. */
export const alice: UserEntry = {
  username: "alice",
  password: "correct horse battery",
  claims: { name: "Alice Adams", email: "alice@example.com", email_verified: true },
};

export interface AuthorizeOptions {
  readonly client?: string;
  readonly browser?: Browser;
  readonly user?: UserEntry;
  /** More parameters, or other values; undefined leaves one out. */
  readonly parameters?: Readonly<Record<string, string | undefined>>;
}

export interface TestProvider extends AsyncDisposable {
  readonly deps: Deps;
  /** The dependencies of the app, for tests that inspect them. */
  readonly backend: KvBackend;
  /** The same installation in a new process, which remembers nothing; the first one closes the store. */
  restart(): TestProvider;
  readonly clock: TestClock;
  /** Sends a request to the app. */
  request(path: string, init?: RequestInit & { address?: string }): Promise<Response>;
  post(
    path: string,
    form: Readonly<Record<string, string | undefined>>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** The record of a person, read from the store. */
  userOf(username: string): Promise<{ userId: string; user: User }>;
  /** The server's own record. */
  providerRecord(): Promise<Provider>;
  /** A browser with cookies of its own. */
  browser(): Browser;
  /** The URL of an authorization request with all that it needs. */
  authorizeUrl(options?: AuthorizeOptions): string;
  /** Signs the person in and says yes. @returns the code */
  authorize(options?: AuthorizeOptions): Promise<string>;
  exchange(
    code: string,
    options?: { client?: string; parameters?: Readonly<Record<string, string | undefined>> },
    headers?: Record<string, string>,
  ): Promise<Response>;
  refresh(
    refreshToken: string,
    options?: { client?: string; parameters?: Readonly<Record<string, string | undefined>> },
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Form and header with which a client authenticates. */
  credentials(client?: string): Record<string, string>;
}

/** The PKCE pair of every test request, from RFC 7636 appendix B. */
export const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** A provider of its own for a test: real app, real KV, a clock that the test moves. */
export async function aProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const clients = options.clients ?? [aClient("shop")];
  const clock = testClock();
  const store = await openTestStore();
  const memory = store.backend;
  const shared = { ...memory, close: () => {} }; // a wrapped store may or may not close what it wraps
  // A server, its restarted processes and the test share the memory of the file. A test that wraps the
  // store wants to see every call to it, so there the memory is off.
  const wrapped = options.wrap?.(shared) ?? shared;
  const remembers = !shared.remote && (options.remembers ?? options.wrap === undefined);
  const backend = remembers ? cacheReads(wrapped, { clock, bytes: 2 ** 24 }) : wrapped;
  const sealing = await masterKey(testMasterKey, null, systemRandom);
  const hasher = passwordHasher(systemRandom, { memoryKiB: 8, iterations: 1 });
  const mailer = options.mailer ?? consoleMailer(() => {}, clock);
  const depsOfProcess = () =>
    newDeps({
      config: { ...testConfig(options), cacheMegabytes: 0 },
      backend,
      clock,
      timers: options.timers ?? systemTimers,
      random: systemRandom,
      masterKey: sealing,
      passwordHasher: hasher,
      brand: options.brand ?? unbranded,
      mailer,
      nativeSigning: options.nativeSigning ?? testNativeSigning,
      logger: options.logger ?? silentLogger,
      ...(options.transport ? { transport: options.transport } : {}),
      ...(options.observer ? { observer: options.observer } : {}),
      ...(options.stopping ? { stopping: options.stopping } : {}),
    });
  const deps = depsOfProcess();
  await copyServerRecords(memory);
  await bootstrap(deps, {
    bootstrapText: JSON.stringify({
      clients,
      users: options.users ?? [alice],
      authorization_detail_types: options.authorizationDetailTypes ?? [],
      // Open to any client, because most tests are about something else.
      resources: (options.resources ?? []).map((resource) => ({ clients: "any", ...resource })),
    }),
  });
  // A test that wraps the store observes a single process.
  const beside = Array.from({ length: options.wrap ? 0 : appsOnStore - 1 }, depsOfProcess);
  const surroundings = { clock, backend, clients, user: options.users?.[0] ?? alice, beside };
  const restart = (): TestProvider => ({
    ...testProvider(depsOfProcess(), { ...surroundings, beside: [] }),
    restart,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const first = testProvider(deps, surroundings);
  // All processes are ready before the test begins, with their signing keys loaded.
  await Promise.all(
    (beside.length > 0 ? [deps, ...beside] : []).map(() => first.request("/readyz")),
  );
  return {
    ...first,
    restart,
    async [Symbol.asyncDispose]() {
      hasher.close();
      await deps.kv.close();
      await store.close();
    },
  };
}

interface Surroundings {
  readonly clock: TestClock;
  readonly backend: KvBackend;
  readonly clients: readonly ClientEntry[];
  readonly user: UserEntry;
  /** The number of further apps on the same store. The apps take requests in turn. */
  readonly beside: readonly Deps[];
}

/** An app, and what a test does with it. */
function testProvider(
  deps: Deps,
  { clock, backend, clients, user, beside }: Surroundings,
): Omit<TestProvider, "restart" | typeof Symbol.asyncDispose> {
  let apps: App[] | null = null;
  let turn = 0;
  const request: TestProvider["request"] = async (path, { address, ...init } = {}) => {
    apps ??= [deps, ...beside].map(createApp);
    const app = apps[turn++ % apps.length] ?? createApp(deps);
    const sent = new Request(new URL(path, deps.config.issuer), init);
    return await app.fetch(sent, {
      remoteAddress: address ?? "203.0.113.7",
    });
  };
  const first = clients[0]?.client_id ?? "";
  const entryOf = (id: string) => {
    const entry = clients.find((client) => client.client_id === id);
    if (!entry) throw new Error(`no client ${id} in this test`);
    return entry;
  };
  const credentials = (client = first): Record<string, string> => {
    const { client_id, client_secret } = entryOf(client);
    return client_secret === undefined ? { client_id } : { client_id, client_secret };
  };

  const provider: Omit<TestProvider, "restart" | typeof Symbol.asyncDispose> = {
    deps,
    backend,
    clock,
    request,
    post: (path, form, headers = {}) =>
      request(path, { method: "POST", body: formBody(form), headers }),
    userOf: (username) =>
      deps.kv.step(systemOrigin, async (tx) => {
        const { name } = await tx.read({ name: usernameRef(username) });
        const userId = ownerOfName(name, username) ?? "";
        const { user } = await tx.read({ user: users.ref(userId) });
        if (user.value === null) throw new Error(`nobody is called ${username}`);
        return { userId, user: user.value };
      }),
    providerRecord: () =>
      deps.kv.step(systemOrigin, async (tx) => {
        const { provider } = await tx.read({ provider: providers.ref() });
        return assertProvider(provider);
      }),
    browser: () => newBrowser(request, deps.config.issuer),
    credentials,
    authorizeUrl({ client = first, parameters = {} } = {}) {
      const query = formBody({
        response_type: "code",
        client_id: client,
        redirect_uri: redirectUriOf(entryOf(client)),
        scope: "openid profile email",
        state: "the-state",
        nonce: "the-nonce",
        code_challenge: codeChallenge,
        code_challenge_method: "S256",
        ...parameters,
      });
      return `/authorize?${query}`;
    },
    async authorize(authorizeOptions = {}) {
      const browser = authorizeOptions.browser ?? provider.browser();
      const landed = await browser.signInAndAllow(
        provider.authorizeUrl(authorizeOptions),
        authorizeOptions.user ?? user,
      );
      const code = landed.searchParams.get("code");
      if (code === null) throw new Error(`no code at ${landed}`);
      return code;
    },
    exchange: (code, { client = first, parameters = {} } = {}, headers = {}) =>
      provider.post("/token", {
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUriOf(entryOf(client)),
        code_verifier: codeVerifier,
        ...credentials(client),
        ...parameters,
      }, headers),
    refresh: (refreshToken, { client = first, parameters = {} } = {}, headers = {}) =>
      provider.post("/token", {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        ...credentials(client),
        ...parameters,
      }, headers),
  };
  return provider;
}

function formBody(form: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    if (value !== undefined) body.append(name, value);
  }
  return body;
}

function testConfig({ config = {}, lifetimes = {} }: ProviderOptions): Config {
  return {
    ...defaultConfig,
    ...config,
    lifetimes: { ...defaultConfig.lifetimes, ...lifetimes },
  };
}
