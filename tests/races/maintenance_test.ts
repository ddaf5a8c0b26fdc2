import { assertEquals, assertNotEquals } from "@std/assert";
import { anAdminApi, ops, resource, scope } from "../admin/api.ts";
import { aClient } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import type { TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { tokensOf } from "../support/tokens.ts";
import { attempts, processes } from "./processes.ts";

/** Does not wait for the seal to end, so that it is running while all requests arrive. */
const endless = { timers: { sleep: (ms: number) => ms < 15_000 ? soon() : never } };
const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const never = new Promise<void>(() => {});

Deno.test(`one of ${attempts} seal requests at once in three processes runs`, async () => {
  await using at = await processes(3, { clients: [ops], ...endless });
  const token = await adminToken(at.provider);
  const answers = await at.race((process) => seal(process, token));
  const counts = Object.groupBy(answers, ({ status }) => `${status}`);
  assertEquals([counts["202"]?.length, counts["409"]?.length], [1, attempts - 1]);
  const places = new Set(answers.map(({ headers }) => headers.get("location")));
  assertEquals(places.size, 1, "the others are told where to look");
});

Deno.test(`${attempts} requests with one idempotency key all get the address of the one job that runs`, async () => {
  await using at = await processes(3, { clients: [ops], ...endless });
  const token = await adminToken(at.provider);
  const headers = { "idempotency-key": "seal-once" };
  const answers = await at.race((process) => seal(process, token, headers));
  assertEquals(new Set(answers.map(({ status }) => status)), new Set([202]));
  assertEquals(new Set(answers.map(({ headers }) => headers.get("location"))).size, 1);
});

Deno.test("the step that starts an operation has at most nine checks, with everything that a caller can send", async () => {
  let most = 0;
  const console = aClient("console", { scope: `openid ${scope}`, skip_consent: true });
  await using api = await anAdminApi({
    clients: [console],
    wrap: (backend) => ({
      ...backend,
      commit(batch) {
        const begins = batch.mutations.some(({ key }) => key[0] === "maintenance_operations");
        if (begins) most = Math.max(most, batch.checks.length);
        return backend.commit(batch);
      },
    }),
  });
  await editUser(api.provider, "alice", { administrator: true });
  const key = await aDpopKey(api.provider);
  const code = await api.provider.authorize({
    client: "console",
    parameters: { scope: `openid ${scope}`, resource },
  });
  const proof = { dpop: await key.proof({ path: "/token" }) };
  const exchanged = await api.provider.exchange(code, { client: "console" }, proof);
  const { access_token: accessToken } = await tokensOf(exchanged);
  const path = "/api/v1/maintenance/cleanup";
  const answer = await api.provider.request(path, {
    method: "POST",
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: await key.proof({ path, accessToken }),
      "idempotency-key": "k",
    },
  });
  assertEquals(answer.status, 200, await answer.text());
  assertNotEquals(most, 0);
  assertEquals(most <= 9, true, `${most} checks`);
});

type Requests = Pick<TestProvider, "request" | "post" | "credentials">;

async function adminToken(provider: Requests): Promise<string> {
  const form = { grant_type: "client_credentials", scope, resource };
  const answer = await provider.post("/token", { ...form, ...provider.credentials("ops") });
  return (await tokensOf(answer)).access_token;
}

async function seal(provider: Requests, token: string, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${token}`, ...more };
  const answer = await provider.request("/api/v1/maintenance/seal", { method: "POST", headers });
  await answer.body?.cancel();
  return answer;
}
