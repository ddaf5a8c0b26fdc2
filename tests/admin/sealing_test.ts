import { assertEquals, assertStringIncludes } from "@std/assert";
import { tryAcquire } from "../../stores/engine/leases.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { type AdminApi, anAdminApi, clientToken, problemOf, read } from "./api.ts";

/** An API where nobody waits fifteen seconds for what is under way. */
function aSealingApi(): Promise<AdminApi> {
  return anAdminApi({ timers: { sleep: () => Promise.resolve() } });
}

Deno.test("an administrator can seal the events up to now, and verify them", async () => {
  await using api = await aSealingApi();
  const unsealed = (await api.finished("/maintenance/verify")).body;
  assertEquals([unsealed.state, unsealed.verified, unsealed.problems], [
    "nothing_sealed",
    null,
    [],
  ]);

  const { body } = await api.finished("/maintenance/seal");
  assertEquals(body.seal.sequence, 1);
  const verified = (await api.finished("/maintenance/verify")).body;
  assertEquals([verified.state, verified.head], ["intact", body.seal.head]);
  const remembered = (head: string) => api.finished(`/maintenance/verify?head=${head}`);
  assertEquals((await remembered(verified.head)).body.state, "intact");
  const lost = await remembered("A".repeat(43));
  assertEquals([lost.body.state, lost.body.verified], ["tampered", false]);
  const short = await api.get("/audit-events/verify?head=short");
  assertEquals(problemOf(short), "400 invalid-request");
  assertEquals([verified.verified, verified.seals, verified.sealed_events], [
    true,
    1,
    body.seal.count,
  ]);
});

Deno.test("after a retention was made longer, an administrator says how long events were kept before", async () => {
  const day = 86_400;
  const lifetimes = { auditEvent: 2 * day };
  const timers = { sleep: () => Promise.resolve() };
  await using api = await anAdminApi({ timers, lifetimes });
  await api.finished("/maintenance/seal");
  const { clock, deps } = api.provider;
  clock.advance(4 * day);
  await cleanUp(deps);
  lifetimes.auditEvent = 90 * day;
  const longer = api.provider.restart();
  const stateOf = async (query: string) => {
    const headers = { authorization: `Bearer ${await clientToken(longer)}` };
    const started = await longer.request(`/api/v1/audit-events/verify${query}`, { headers });
    for (let reply = await read(started);;) {
      if (reply.status !== 202 && reply.body.state !== "running") {
        return reply.body.result?.state ?? problemOf(reply);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      const place = `/api/v1/maintenance/operations/${reply.body.id}`;
      reply = await read(await longer.request(place, { headers }));
    }
  };
  // The store cannot be asked: whoever removed events from it could have changed what it says.
  assertEquals(await stateOf(""), "tampered");
  assertEquals(await stateOf("?kept_days=2"), "intact");
  assertEquals(await stateOf("?kept_days=5"), "tampered");
  assertEquals(await stateOf("?kept_days=two"), "400 invalid-request");
});

Deno.test("without new events there is no seal, and while another process seals, the answer is 409", async () => {
  await using api = await aSealingApi();
  await api.finished("/maintenance/seal");
  assertEquals((await api.finished("/maintenance/seal")).body, { seal: null });

  await api.renewToken(); // an event
  const { kv } = api.provider.deps;
  await tryAcquire(kv, { name: "sealing", holder: "another process", lifetime: 300 });
  assertEquals(problemOf(await api.post("/maintenance/seal")), "409 conflict");
});

Deno.test("a repeated request with one idempotency key gets the same seal", async () => {
  await using api = await aSealingApi();
  const key = { "idempotency-key": "seal-1" };
  const first = await api.finished("/maintenance/seal", key);
  await api.renewToken();
  assertEquals((await api.finished("/maintenance/seal", key)).body, first.body);
  assertEquals((await api.finished("/maintenance/verify")).body.seals, 1);
});

Deno.test("deno task audit:verify accepts an unchanged export, and reports every change to one", async () => {
  await using api = await aSealingApi();
  await api.finished("/maintenance/seal");
  const headers = { authorization: `Bearer ${api.token}` };
  const response = await api.provider.request("/api/v1/audit-events/export", { headers });
  const text = await response.text();
  const [key = ""] = text.split("\n");
  const { publicJwk: { kid } } = JSON.parse(key);

  const file = await Deno.makeTempFile({ suffix: ".ndjson" });
  try {
    await Deno.writeTextFile(file, text);
    // The test's clock stands elsewhere than the task's, so no event counts as young.
    const whole = await audit(file, kid, "0");
    assertEquals([whole.code, whole.said.split("\n").at(-1)], [0, "nothing was tampered with"]);
    assertEquals((await audit(file, "another kid", "0")).code, 1);

    await Deno.writeTextFile(file, text.replace('"actor":"system"', '"actor":"nobody"'));
    const changed = await audit(file, kid, "0");
    assertEquals(changed.code, 1);
    assertStringIncludes(changed.said, "was changed");
    assertEquals((await audit(`${file}.none`, kid, "0")).code, 2);
  } finally {
    await Deno.remove(file);
  }
});

async function audit(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "audit:verify", ...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout).trim() };
}
