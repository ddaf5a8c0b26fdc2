import { assert, assertEquals } from "@std/assert";
import { type KvBackend, systemTimers } from "../../stores/engine/kv.ts";
import { secretAssertion } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { atOnce, countByStatus } from "./limiter.ts";

const machine = { grant_types: ["client_credentials"], redirect_uris: [] };
const signing = {
  ...machine,
  token_endpoint_auth_method: "client_secret_jwt",
  token_endpoint_auth_signing_alg: "HS256",
} as const;
const secrets = {
  shop: "the secret of shop",
  signer: "the secret of signer, which is long enough",
} as const;
const home = "203.0.113.7";
const away = "198.51.100.1";

const asRemote = (backend: KvBackend): KvBackend => ({ ...backend, remote: true });

async function processesOf(count: number, options: ProviderOptions = {}) {
  const clients = [
    aClient("shop", machine),
    aClient("signer", { ...signing, client_secret: secrets.signer }),
  ];
  const first = await aProvider({
    clients,
    config: { rateLimits: true },
    ...(count > 1 ? { wrap: asRemote } : {}),
    ...options,
  });
  return [first, ...Array.from({ length: count - 1 }, () => first.restart())] as const;
}

interface Asking {
  readonly client: "shop" | "signer";
  readonly secret?: string;
  readonly address?: string;
}

async function form(provider: TestProvider, { client, secret = secrets[client] }: Asking) {
  const sent = client === "shop"
    ? { client_id: client, client_secret: secret }
    : await secretAssertion(provider, client, secret);
  return new URLSearchParams({ grant_type: "client_credentials", token: "something", ...sent });
}

async function ask(provider: TestProvider, asking: Asking, path = "/token") {
  const body = await form(provider, asking);
  return await provider.request(path, { method: "POST", body, address: asking.address ?? home });
}

/** So many requests at once, in this order, one process after the other. */
async function burst(
  processes: readonly [TestProvider, ...TestProvider[]],
  path: string,
  askings: readonly Asking[],
) {
  const ready = await Promise.all(askings.map(async (asking, n) => {
    const provider = processes[n % processes.length] ?? processes[0];
    return { provider, address: asking.address ?? home, body: await form(provider, asking) };
  }));
  return await Promise.all(
    ready.map(({ provider, address, body }) =>
      provider.request(path, { method: "POST", body, address })
    ),
  );
}

Deno.test("a burst of guesses is verified no further because the client's own requests have shown its secret, or its signature, to be right", async () => {
  for (const client of ["shop", "signer"] as const) {
    for (const count of [1, 3]) {
      for (const [path, address] of [["/token", home], ["/introspect", away]] as const) {
        const processes = await processesOf(count);
        await using first = processes[0];
        for (const provider of processes) {
          assertEquals((await ask(provider, { client })).status, 200);
        }
        const askings = Array.from({ length: 200 }, (_, n) => ({
          client,
          address,
          ...(n === 150 ? {} : { secret: `a guess of 32 characters, or more ${n}` }),
        }));
        const answers = await burst(processes, path, askings);
        const title = `${client} ${count} ${path} ${address}`;
        assertEquals(countByStatus(answers), { 401: 10, 429: 190 }, title);
        assertEquals((await ask(first, { client, address })).status, 429, title);
      }
    }
  }
});

Deno.test("a busy client that signs with its secret is never refused, and nothing is written about its limits", async () => {
  let counted = 0;
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    remote: true,
    commit: (batch) => {
      if (batch.mutations.some(({ key }) => key[0] === "rate_limits")) counted++;
      return backend.commit(batch);
    },
  });
  for (const options of [{ wrap }, {}]) {
    const processes = await processesOf(1, options);
    await using first = processes[0];
    for (const client of ["signer", "shop"] as const) {
      assertEquals((await ask(first, { client })).status, 200);
      counted = 0;
      for (let round = 0; round < 3; round++) {
        const answers = await atOnce(100, () => ask(first, { client }));
        assertEquals(countByStatus(answers), { 200: 100 });
      }
      assertEquals(counted, 0);
    }
  }
});

Deno.test("a busy client is not refused while others guess from its address, as long as they have places", async () => {
  for (const client of ["shop", "signer"] as const) {
    for (const options of [{}, { wrap: asRemote }]) {
      const processes = await processesOf(1, options);
      await using first = processes[0];
      assertEquals((await ask(first, { client })).status, 200);
      const askings = Array.from({ length: 120 }, (_, n) => ({
        client,
        ...(n % 15 === 0 ? { secret: `a guess of 32 characters, or more ${n}` } : {}),
      }));
      const answers = await burst(processes, "/token", askings);
      assertEquals(countByStatus(answers), { 200: 112, 401: 8 }, client);
    }
  }
});

Deno.test("clients that share an address are not refused because another process is verifying some of them", async () => {
  const clients = Array.from({ length: 40 }, (_, n) => aClient(`client${n}`, machine));
  const limits = {
    ...defaultConfig.limits,
    clientAuthenticationAddress: { count: 5, seconds: 60 },
  };
  const begun = Promise.withResolvers<void>();
  const wrap = (backend: KvBackend): KvBackend => ({
    ...asRemote(backend),
    async commit(batch) {
      const versionstamp = await backend.commit(batch);
      if (batch.mutations.some(({ key }) => key[0] === "rate_limits")) begun.resolve();
      await new Promise((resolve) => setTimeout(resolve, 2));
      return versionstamp;
    },
  });
  await using first = await aProvider({ clients, wrap, config: { rateLimits: true, limits } });
  const second = first.restart();
  const ask = async (provider: TestProvider, n: number) => {
    const form = { token: "x", client_id: `client${n}`, client_secret: `the secret of client${n}` };
    return await provider.post("/introspect", form);
  };
  const early = atOnce(30, (n) => ask(first, n));
  await begun.promise; // the places are taken by now
  const late = atOnce(10, (n) => ask(second, 30 + n));
  assertEquals(countByStatus([...await early, ...await late]), { 200: 40 });

  const wrong = { token: "x", client_secret: "wrong" };
  for (let n = 0; n < 6; n++) {
    const { status } = await first.post("/introspect", { ...wrong, client_id: `nobody${n}` });
    assertEquals(status, n < 5 ? 401 : 429);
  }
  assertEquals((await ask(second, 0)).status, 429, "wrong guesses keep their places");
});

Deno.test("assertions signed with wrong secrets do not wait for other processes one after the other", async () => {
  const limits = {
    ...defaultConfig.limits,
    clientAuthenticationAddress: { count: 1, seconds: 60 },
  };
  let waits = 0;
  const processes = await processesOf(1, {
    wrap: asRemote,
    config: { rateLimits: true, limits },
    timers: {
      ...systemTimers,
      sleep(milliseconds, signal) {
        waits++;
        return systemTimers.sleep(milliseconds, signal);
      },
    },
  });
  await using _first = processes[0];
  const askings = Array.from({ length: 20 }, (_, n) => ({
    client: "signer" as const,
    secret: `a guess of 32 characters, or more ${n}`,
  }));
  const answers = await burst(processes, "/token", askings);
  assertEquals(countByStatus(answers), { 401: 1, 429: 19 });
  assert(waits <= 10, `${waits} waits`);
});
