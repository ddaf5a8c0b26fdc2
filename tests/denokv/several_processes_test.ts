import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import { aClient } from "../support/clients.ts";
import { aCluster, type Cluster } from "../support/cluster.ts";
import { testOnDenokv } from "../support/denokv.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const person = {
  username: "robin",
  password: "every door opens once",
  claims: { email: "robin@example.com", email_verified: true },
};
const api = "https://api.example/";
const robot = aClient("robot", {
  redirect_uris: [],
  grant_types: ["client_credentials"],
  scope: "orders:read latchkey:admin",
});
const settings = {
  users: [person],
  clients: [robot, aClient("shop")],
  resources: [{
    resource: api,
    scopes: ["orders:read"],
    access_token_format: "jwt",
    clients: "any",
  }],
};

testOnDenokv("three processes that start on an empty store migrate and fill it once", async () => {
  await using cluster = await aCluster(settings);
  const lines = cluster.processes.flatMap((server) => server.output().split("\n"));
  const said = (what: RegExp) =>
    lines.map((line) => what.exec(line)?.[1]).filter((name) => name !== undefined);

  const migrated = said(/migration (\w+): done/);
  assertEquals(migrated.length, new Set(migrated).size);
  assert(migrated.length > 0);
  const applied = said(/applied an entry of the bootstrap file.*"id":"([^"]+)"/);
  assertEquals(applied.sort(), [api, "robin", "robot", "shop"].sort());
});

testOnDenokv(
  "limits hold across processes: of many at once, exactly as many pass as they say",
  async () => {
    await using cluster = await aCluster({ ...settings, env: { LATCHKEY_RATE_LIMITS: "on" } });
    const browser = cluster.browser();
    const page = await browser.open(authorizePath());
    const guesses = Array.from({ length: 60 }, async (_, n) => {
      const guess = { username: person.username, password: `guess ${n}` };
      return (await browser.submit(page, guess)).response.status;
    });
    assertEquals(countOf(await Promise.all(guesses)), { 401: 10, 429: 50 });

    // One request was the page; the form posts are on a route of their own.
    const others = Array.from({ length: 400 }, async () => {
      const answer = await fetch(`${cluster.issuer}/password-reset`);
      await answer.body?.cancel();
      return answer.status;
    });
    assertEquals(countOf(await Promise.all(others)), { 200: 300, 429: 100 });
  },
);

testOnDenokv(
  "a key that one process withdraws signs nowhere any more, and verifies nowhere",
  async () => {
    await using cluster = await aCluster(settings);
    const resource = `${cluster.issuer}/api/v1`;
    const admin = await clientToken(cluster.processes[0], { resource, scope: "latchkey:admin" });
    const tokens = await Promise.all(
      cluster.processes.map((server) =>
        clientToken(server, { resource: api, scope: "orders:read" })
      ),
    );
    const [oldKid, ...others] = new Set(tokens.map(kidOf));
    assertEquals(others, []);

    const withdrawn = await fetch(
      `${cluster.processes[0]?.url}/api/v1/signing-keys/emergency-rotate`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${admin}`,
          "content-type": "application/json",
          "idempotency-key": crypto.randomUUID(),
        },
        body: JSON.stringify({ alg: decodeProtectedHeader(tokens[0] ?? "").alg }),
      },
    );
    assertEquals(withdrawn.status, 200, await withdrawn.text());

    for (const [n, server] of cluster.processes.entries()) {
      const token = await clientToken(server, { resource: api, scope: "orders:read" });
      assertNotEquals(kidOf(token), oldKid);
      const { keys } = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
      const kids = keys.map(({ kid }: { kid: string }) => kid);
      assertEquals([kids.includes(kidOf(token)), kids.includes(oldKid)], [true, false]);
      assertEquals(await isActive(server, tokens[n] ?? ""), false);
      assertEquals(await isActive(server, token), true);
    }
  },
);

testOnDenokv("what ends at one process has ended at all of them", async () => {
  await using cluster = await aCluster(settings);
  const [one, ...others] = cluster.processes;
  assert(one);
  for (let round = 0; round < 10; round++) {
    const token = await clientToken(one, { resource: api, scope: "orders:read" });
    for (const server of others) assertEquals(await isActive(server, token), true);
    assertEquals(await answerOf(await post(one, "/revoke", { token })), "200");
    for (const server of others) assertEquals(await isActive(server, token), false);
  }
});

testOnDenokv(
  "a process that is killed leaves the others at work, and another one takes its place",
  async () => {
    await using cluster = await aCluster(settings);
    const token = () => clientToken(cluster.processes[1], { resource: api, scope: "orders:read" });
    const [before] = await Promise.all([token(), cluster.crash(0)]);
    for (const server of cluster.processes) assertEquals(await isActive(server, before), true);
    const crashed = cluster.processes[0];
    assert(crashed);
    assertEquals(await isActive(crashed, await token()), true);
  },
);

function authorizePath(): string {
  return `/authorize?${new URLSearchParams({
    response_type: "code",
    client_id: "shop",
    redirect_uri: "https://shop.example/callback",
    scope: "openid",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  })}`;
}

const credentials = { client_id: "robot", client_secret: robot.client_secret ?? "" };

function post(server: ServerProcess, path: string, form: Record<string, string>) {
  const body = new URLSearchParams({ ...form, ...credentials });
  return fetch(`${server.url}${path}`, { method: "POST", body });
}

async function clientToken(
  server: Cluster["processes"][number] | undefined,
  form: { readonly resource: string; readonly scope: string },
): Promise<string> {
  assert(server);
  const answer = await post(server, "/token", { grant_type: "client_credentials", ...form });
  return (await tokensOf(answer)).access_token;
}

async function isActive(server: ServerProcess, token: string): Promise<boolean> {
  return (await (await post(server, "/introspect", { token })).json()).active;
}

function kidOf(token: string): string | undefined {
  return decodeProtectedHeader(token).kid;
}

function countOf(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
