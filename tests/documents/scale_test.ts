import { assert, assertEquals } from "@std/assert";
import { ask, codeAt, signedInBrowser } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { storedSize } from "../support/kv_sizes.ts";
import { type KvUnits, unitsOf } from "../support/kv_units.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { introspect, signInOffline, tokensOf, userinfo } from "../support/tokens.ts";

const shop = aClient("shop", {
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
});

/** Prepares a flow, and returns what is counted of it. */
type Flow = (provider: TestProvider) => Promise<() => Promise<unknown>>;

const flows: Readonly<Record<string, Flow>> = {
  "password sign-in, consent and code": (provider) =>
    Promise.resolve(() => provider.authorize({ parameters: offline })),
  "authorize with a live session": async (provider) => {
    const browser = await signedInBrowser(provider);
    return () => ask(provider, { browser });
  },
  "code exchange": async (provider) => {
    const browser = await signedInBrowser(provider, { parameters: offline });
    const codes: string[] = [];
    while (codes.length <= repeats) {
      codes.push(codeAt(await ask(provider, { browser, parameters: offline })));
    }
    return async () => await tokensOf(await provider.exchange(codes.pop() ?? ""));
  },
  "refresh": async (provider) => {
    let { refresh_token } = await signInOffline(provider);
    return async () => {
      ({ refresh_token } = await tokensOf(await provider.refresh(refresh_token)));
    };
  },
  "client_credentials": (provider) => {
    const form = { grant_type: "client_credentials", ...provider.credentials() };
    return Promise.resolve(async () => await tokensOf(await provider.post("/token", form)));
  },
  "pushed authorization request": (provider) => {
    const query = new URLSearchParams(provider.authorizeUrl().split("?")[1]);
    const form = { ...Object.fromEntries(query), ...provider.credentials() };
    return Promise.resolve(async () => {
      assertEquals((await provider.post("/par", form)).status, 201);
    });
  },
  "userinfo": async (provider) => {
    const { access_token } = await signInOffline(provider);
    return async () => assertEquals((await userinfo(provider, access_token)).status, 200);
  },
  "introspection": async (provider) => {
    const { access_token } = await signInOffline(provider);
    return () => introspect(provider, access_token);
  },
  "revocation of a refresh token": async (provider) => {
    const tokens: string[] = [];
    const browser = await signedInBrowser(provider, { parameters: offline });
    while (tokens.length <= repeats) {
      const code = codeAt(await ask(provider, { browser, parameters: offline }));
      tokens.push((await tokensOf(await provider.exchange(code))).refresh_token);
    }
    return () => provider.post("/revoke", { token: tokens.pop(), ...provider.credentials() });
  },
  "jwks": (provider) => Promise.resolve(() => provider.request("/jwks")),
};

const offline = { scope: "openid profile email offline_access" };
const repeats = 10;

/** Dollars for a million units: assumed, see docs/scale.md. */
const price = { reads: 1, writes: 2.5 };

async function measured(flow: Flow, { remote = true } = {}): Promise<KvUnits> {
  const { units, wrap } = unitsOf({ remote });
  await using provider = await aProvider({ clients: [shop], config: { rateLimits: true }, wrap });
  const act = await flow(provider);
  await act(); // keys are unsealed, and limits have their leases
  const before = { ...units };
  for (let n = 0; n < repeats; n++) await act();
  return {
    reads: (units.reads - before.reads) / repeats,
    writes: (units.writes - before.writes) / repeats,
    lasting: (units.lasting - before.lasting) / repeats,
  };
}

/** A row of the table in docs/scale.md. */
function rowOf(name: string, { reads, writes }: KvUnits): string {
  const dollars = reads * price.reads + writes * price.writes;
  return [name, reads.toFixed(1), writes.toFixed(1), dollars.toFixed(2)].join(" | ");
}

Deno.test("docs/scale.md tells the units of the store that each flow costs", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/scale.md", import.meta.url));
  const told = page.split("\n").map((line) =>
    line.split("|").map((cell) => cell.trim()).filter((cell) => cell !== "").join(" | ")
  );
  const rows: string[] = [];
  for (const [name, flow] of Object.entries(flows)) rows.push(rowOf(name, await measured(flow)));
  const missing = rows.filter((row) => !told.includes(row));
  assertEquals(missing, [], "write these rows into docs/scale.md");
});

Deno.test("an hour after a refresh, less than 700 bytes of it are stored", async () => {
  const { lasting } = await measured(flows.refresh ?? fail, { remote: false });
  // A refresh has one event, and a leaf of the audit trail stays of that.
  const [id, digest] = ["i".repeat(16), "d".repeat(43)];
  const leaf = storedSize({ id, time: 1e12, digest, kind: "tokens" });
  assert(lasting + leaf <= 700, `${lasting} bytes, and ${leaf} of its leaf`);
});

function fail(): never {
  throw new Error("there is no such flow");
}
