import { assertEquals } from "@std/assert";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient, aPublicClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { testOnFile } from "../support/denokv.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { answerOf } from "../support/tokens.ts";
import { atOnce, countByStatus } from "./limiter.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };
const aLimitedProvider = (options: ProviderOptions = {}) =>
  aProvider({
    clients: [aClient("shop", machine), aClient("other", machine)],
    config: { rateLimits: true },
    ...options,
  });

interface Asking {
  readonly path?: string;
  readonly client?: string;
  readonly secret?: string;
  readonly address?: string;
}

function ask(provider: TestProvider, { path = "/token", client = "shop", ...more }: Asking = {}) {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    token: "something",
    client_id: client,
    client_secret: more.secret ?? `the secret of ${client}`,
  });
  return provider.request(path, {
    method: "POST",
    body,
    ...(more.address === undefined ? {} : { address: more.address }),
  });
}

async function failTenTimes(provider: TestProvider, path?: string) {
  for (let i = 0; i < 10; i++) {
    const response = await ask(provider, { secret: `guess ${i}`, ...(path ? { path } : {}) });
    assertEquals(await answerOf(response), "401 invalid_client");
  }
}

Deno.test("after ten failures even the right secret is not checked for a minute", async () => {
  await using provider = await aLimitedProvider();
  await failTenTimes(provider);

  const refused = await ask(provider);
  assertEquals(refused.headers.get("retry-after"), "60");
  assertEquals(refused.headers.get("ratelimit"), `"client-authentication";r=0;t=60`);
  assertEquals(refused.headers.get("ratelimit-policy"), `"client-authentication";q=10;w=60`);
  assertEquals(refused.headers.get("cache-control"), "no-store");
  assertEquals(await answerOf(refused), "429 temporarily_unavailable");

  provider.clock.advance(60);
  assertEquals((await ask(provider)).status, 200);
});

Deno.test("the four endpoints share one limit", async () => {
  await using provider = await aLimitedProvider();
  const paths = ["/token", "/par", "/introspect", "/revoke"];
  for (let i = 0; i < 10; i++) {
    const path = paths[i % 4] ?? "";
    assertEquals((await ask(provider, { path, secret: "wrong" })).status, 401);
  }
  for (const path of paths) {
    assertEquals(await answerOf(await ask(provider, { path })), "429 temporarily_unavailable");
  }
});

Deno.test("an attacker's guesses lock out neither the client at its own address, nor another client", async () => {
  await using provider = await aLimitedProvider();
  await failTenTimes(provider);
  assertEquals((await ask(provider, { address: "198.51.100.1" })).status, 200);
  assertEquals((await ask(provider, { client: "other" })).status, 200);
});

Deno.test("requests without a secret are no guesses, and never use up a client's limit", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", machine), aPublicClient("app")],
    config: { rateLimits: true },
  });
  for (const path of ["/token", "/introspect", "/revoke"]) {
    for (let i = 0; i < 15; i++) {
      for (const client_id of ["shop", "nobody"]) {
        const form = { grant_type: "client_credentials", token: "something", client_id };
        const response = await provider.post(path, form);
        assertEquals(await answerOf(response), "401 invalid_client", `${path} ${client_id}`);
      }
    }
  }
  assertEquals((await ask(provider)).status, 200);
});

Deno.test("two spellings of the same secret count as one guess", async () => {
  await using provider = await aLimitedProvider();
  const authorization = `Basic ${btoa("shop:wrong+secret%41")}`;
  const form = { grant_type: "client_credentials" };
  const answers = [];
  for (let i = 0; i < 11; i++) {
    answers.push((await provider.post("/token", form, { authorization })).status);
  }
  assertEquals(answers, [...Array(10).fill(401), 429]);
});

Deno.test("an unknown client is counted like a known one", async () => {
  await using provider = await aLimitedProvider();
  const answers = [];
  for (let i = 0; i < 11; i++) {
    answers.push((await ask(provider, { client: "nobody", secret: "x" })).status);
  }
  assertEquals(answers, [...Array(10).fill(401), 429]);
});

Deno.test("after a hundred failures of all clients together, only this address is refused", async () => {
  await using provider = await aLimitedProvider();
  const paths = ["/token", "/par", "/introspect", "/revoke"];
  for (let i = 0; i < 100; i++) {
    const path = paths[i % 4] ?? "";
    const response = await ask(provider, { path, client: `made up ${i}`, secret: "x" });
    assertEquals(await answerOf(response), "401 invalid_client");
  }
  for (const path of paths) {
    const refused = await ask(provider, { path, client: "made up 100" });
    assertEquals(refused.headers.get("ratelimit"), `"client-authentication-address";r=0;t=60`);
    assertEquals(await answerOf(refused), "429 temporarily_unavailable");
  }
  assertEquals((await ask(provider)).status, 429, "right secrets included");
  assertEquals((await ask(provider, { address: "198.51.100.1" })).status, 200);

  provider.clock.advance(60);
  assertEquals((await ask(provider)).status, 200);
});

Deno.test("invented client ids leave at most as many records as the failures that an address may have", async () => {
  await using provider = await aLimitedProvider();
  const answers = await atOnce(300, (i) => ask(provider, { client: `made up ${i}`, secret: "x" }));
  assertEquals(answers.every(({ status }) => status === 401 || status === 429), true);
  // While failures are new, a refusal waits for the places of other processes.
  provider.clock.advance(2);
  for (let i = 300; i < 350; i++) {
    assertEquals((await ask(provider, { client: `made up ${i}`, secret: "x" })).status, 429);
  }
  const { entries } = await provider.backend.list({ prefix: ["rate_limits"] }, { limit: 1000 });
  assertEquals(entries.length, 100 + 1, "each client's, and the address's");
});

Deno.test("a busy client is never refused, and its success writes no rate limit record", async () => {
  await using provider = await aLimitedProvider();
  for (let round = 0; round < 5; round++) {
    const responses = await atOnce(100, () => ask(provider));
    assertEquals(responses.every(({ status }) => status === 200), true);
  }
  const { entries } = await provider.backend.list({ prefix: ["rate_limits"] }, { limit: 10 });
  assertEquals(entries, []);
});

Deno.test("other errors of a client's request do not count as failed authentication", async () => {
  await using provider = await aLimitedProvider();
  for (let i = 0; i < 15; i++) {
    const wrong = { ...provider.credentials(), grant_type: "client_credentials", scope: "more" };
    assertEquals(await answerOf(await provider.post("/token", wrong)), "400 invalid_scope");
  }
});

Deno.test("concurrent failures are all counted, and later requests are refused", async () => {
  await using provider = await aLimitedProvider();
  await atOnce(100, () => ask(provider, { secret: "wrong" }));
  assertEquals((await ask(provider)).status, 429);
});

Deno.test("as many guesses of any burst at a client's secret, at one process or three, are verified as the limit allows", async () => {
  const right = "the secret of shop";
  for (const path of ["/token", "/introspect"]) {
    for (const processes of [1, 3]) {
      const wrap = (backend: KvBackend): KvBackend => ({ ...backend, remote: true });
      await using first = await aLimitedProvider(processes > 1 ? { wrap } : {});
      const all = [first, ...Array.from({ length: processes - 1 }, () => first.restart())];
      const burst = (count: number, asked: (n: number) => Asking) =>
        atOnce(count, (n) => ask(all[n % processes] ?? first, { path, ...asked(n) }));
      const answers = await burst(200, (n) => ({ secret: n === 150 ? right : `guess ${n}` }));
      assertEquals(countByStatus(answers), { 401: 10, 429: 190 }, `${path} ${processes}`);
      assertEquals((await ask(first, { path })).status, 429);
      const same = await burst(60, () => ({ client: "other", secret: "same" }));
      assertEquals(countByStatus(same), { 401: 10, 429: 50 }, `${path} ${processes}`);
    }
  }
});

Deno.test("clients that share an address are not refused by a process that was just started, even among guesses", async () => {
  const clients = Array.from({ length: 500 }, (_, n) => aClient(`client${n}`, machine));
  const asks = (provider: TestProvider) => (client: string, secret = `the secret of ${client}`) =>
    ask(provider, { client, secret });
  for (const remote of [false, true]) {
    const wrap = (backend: KvBackend): KvBackend => ({ ...backend, remote });
    await using crowded = await aLimitedProvider({ clients, wrap });
    const answers = await atOnce(500, (n) => asks(crowded)(`client${n}`));
    assertEquals(countByStatus(answers), { 200: 500 }, `${remote}`);

    const limits = {
      ...defaultConfig.limits,
      clientAuthentication: { count: 3, seconds: 60 },
      clientAuthenticationAddress: { count: 5, seconds: 60 },
    };
    await using small = await aLimitedProvider({
      clients: clients.slice(0, 32),
      wrap,
      config: { rateLimits: true, limits },
    });
    const mixed = await atOnce(
      32,
      async (n) =>
        n % 3 === 0
          ? { guess: (await asks(small)("client0", `guess ${n}`)).status }
          : { right: (await asks(small)(`client${n}`)).status },
    );
    const right = mixed.flatMap(({ right }) => right ?? []);
    assertEquals(right, Array(21).fill(200), `${remote}`);
    const verified = mixed.filter(({ guess }) => guess === 401);
    assertEquals(verified.length, 3, `${remote}`);

    const invented = await atOnce(40, (n) => asks(small)(`invented${n}`, "guess"));
    assertEquals(countByStatus(invented), { 401: 2, 429: 38 }, `${remote}`);
  }
});

Deno.test("a client's first request to a process holds up its others only until its secret is verified", async () => {
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    commit: async (batch) => {
      const isSlow = batch.mutations.some(({ key }) => key[0] === "access_tokens");
      if (isSlow) arrived.resolve();
      if (isSlow) await held.promise;
      return await backend.commit(batch);
    },
  });
  await using provider = await aLimitedProvider({ wrap });
  const first = ask(provider);
  await arrived.promise;
  assertEquals((await ask(provider, { path: "/introspect" })).status, 200);
  held.resolve();
  assertEquals((await first).status, 200);
});

Deno.test("as many wrong signatures of a burst are answered as the limit allows", async () => {
  const [known, other] = [await aClientKey(), await aClientKey()];
  const jwks = { keys: [known.publicJwk] };
  const signer = aKeyClient("signer", { grant_types: ["client_credentials"], jwks });
  await using provider = await aLimitedProvider({ clients: [signer] });
  const answers = await atOnce(40, async () => {
    const form = { grant_type: "client_credentials", ...await other.form(provider, "signer") };
    return await provider.post("/token", form);
  });
  assertEquals(countByStatus(answers), { 401: 10, 429: 30 });
});

Deno.test("a right secret is no guess whatever else is wrong with the request, and others of its client still are", async () => {
  await using provider = await aLimitedProvider();
  const unknown = { grant_type: "client_credentials", scope: "unknown" };
  const refused = await atOnce(60, () =>
    provider.post("/token", {
      ...unknown,
      ...provider.credentials(),
    }));
  assertEquals(countByStatus(refused), { 400: 60 });
  const busy = await atOnce(100, () => ask(provider));
  assertEquals(countByStatus(busy), { 200: 100 });
  for (let n = 0; n < 15; n++) {
    assertEquals((await ask(provider, { secret: "wrong" })).status, n < 10 ? 401 : 429);
  }
});

Deno.test("a failure that cannot be counted is answered 503, without the result of the guess", async () => {
  let down = false;
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    remote: true,
    commit: (batch) => down ? Promise.reject(new Error("down")) : backend.commit(batch),
  });
  await using provider = await aLimitedProvider({ wrap });
  down = true;
  const response = await ask(provider, { secret: "wrong" });
  assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  down = false;
});

testOnFile(
  "where nobody has failed, the limits of failures cost no step of their own",
  async () => {
    let steps = 0;
    await using provider = await aLimitedProvider({
      observer: {
        step(run) {
          steps++;
          return run();
        },
      },
    });
    const introspect = () =>
      provider.post("/introspect", { token: "x", ...provider.credentials() });
    await introspect(); // reads the records
    steps = 0;
    for (let n = 1; n <= 20; n++) {
      assertEquals((await introspect()).status, 200);
      assertEquals(steps, n);
    }
  },
);
