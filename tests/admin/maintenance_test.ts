import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemTimers } from "../../stores/engine/kv.ts";
import { Interrupted, pacer } from "../../stores/engine/pacer.ts";
import { SqliteFailed } from "../../stores/engine/sqlite_thread.ts";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { auditTrail, type TrailLine } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { cleanUp } from "../../src/maintenance/cleanup.ts";
import { redacted } from "../../src/telemetry/redaction.ts";
import { type AdminApi, anAdminApi, clientToken, problemOf, read } from "./api.ts";
import { silentLogger } from "../support/silent_logger.ts";

/** An API whose seals take until they are let go on, while requests do not wait for them at all. */
async function aSlowSealingApi(stopping?: AbortSignal) {
  const goOn = Promise.withResolvers<void>();
  const api = await anAdminApi({
    ...(stopping ? { stopping } : {}),
    timers: {
      sleep(milliseconds, signal) {
        if (milliseconds < 15_000) return Promise.resolve();
        return Promise.race([goOn.promise, signal ? aborted(signal) : goOn.promise]);
      },
    },
  });
  return { api, goOn: goOn.resolve };
}

Deno.test("an operation that takes longer than a request is answered with 202 and a place to look", async () => {
  const { api, goOn } = await aSlowSealingApi();
  await using _ = api;
  const started = await api.post("/maintenance/seal");
  assertEquals([started.status, started.body.state, started.body.kind], [202, "running", "seal"]);
  assertEquals(started.headers.get("retry-after"), "1");
  const place = placeOf(started.headers);
  assertEquals((await api.get(place)).body, started.body);

  const busy = await api.post("/maintenance/seal");
  assertEquals([problemOf(busy), placeOf(busy.headers)], ["409 conflict", place]);

  goOn();
  const done = await ended(api, place);
  assertEquals([done.state, done.started_by, done.result.seal.sequence], ["done", "client:ops", 1]);
  assertEquals((await api.post("/maintenance/seal")).status < 300, true, "the next one may run");
});

Deno.test("an operation whose process died is shown as interrupted, and another one may start", async () => {
  const { api } = await aSlowSealingApi();
  await using _ = api;
  const place = placeOf((await api.post("/maintenance/seal")).headers);
  const successor = api.provider.restart();
  const stateAt = async () => {
    const headers = { authorization: `Bearer ${await clientToken(successor)}` };
    return (await read(await successor.request(`/api/v1${place}`, { headers }))).body.state;
  };
  assertEquals(await stateAt(), "running");
  api.provider.clock.advance(301);
  assertEquals(await stateAt(), "interrupted");
  await api.renewToken();
  assertEquals((await api.post("/maintenance/seal")).status, 202);
});

Deno.test("a stopping process hands its operation over at once", async () => {
  const stopping = new AbortController();
  const { api } = await aSlowSealingApi(stopping.signal);
  await using _ = api;
  const place = placeOf((await api.post("/maintenance/seal")).headers);
  stopping.abort();
  assertEquals((await ended(api, place)).state, "interrupted");
  await api.provider.deps.background.ended();
  const again = await api.post("/maintenance/seal");
  assertEquals(again.status === 409, false, "its lease is free");
});

Deno.test("the log has the reason of each operation that failed, under the ids that the answer names", async () => {
  const table: readonly (readonly [Error, detail: RegExp, logged: string])[] = [
    [new Deno.errors.PermissionDenied("mkdir /backups"), /^\/backups: let the process/, "mkdir"],
    [new SqliteFailed("Error", "database or disk is full"), /has no room/, "disk is full"],
    [new SqliteFailed("Error", "the copy is damaged: x"), /may be: the copy is damaged: x/, ": x"],
    [new SqliteFailed("Error", "unheard of"), /^\/backups: the copy failed: unheard/, "unheard of"],
    [
      new TypeError("unheard of"),
      /^the server's log has the reason, in a line about/,
      "unheard of",
    ],
  ];
  let failure: Error;
  const lines: { message: string; fields: Record<string, unknown> }[] = [];
  const keep = (message: string, fields = {}) => void lines.push({ message, fields });
  await using api = await anAdminApi({
    config: { backupFolder: "/backups" },
    logger: { ...silentLogger, warn: keep, error: keep },
    wrap: (backend) => ({
      ...backend,
      file: {
        copy: () => Promise.reject(failure),
        assertCanCopyInto: () => Promise.resolve(),
        problems: () => Promise.resolve([]),
        isInPlace: () => Promise.resolve(true),
      },
    }),
  });
  for (const [error, detail, logged] of table) {
    failure = error;
    lines.length = 0;
    const reply = await api.post("/maintenance/backup");
    assertEquals(problemOf(reply), "500 operation-failed");
    assertMatch(reply.body.detail, detail);
    const place = placeOf(reply.headers);
    assertEquals((await api.get(place)).body.problem, reply.body.detail);

    const [ofOperation, ofRequest, ...others] = lines;
    assertEquals(others, []);
    assertEquals(ofOperation?.message, "a backup failed");
    assertEquals(`/maintenance/operations/${ofOperation?.fields.operation}`, place);
    assertStringIncludes(JSON.stringify(redacted(ofOperation?.fields ?? {})), logged);
    assertEquals(ofRequest?.message, "a request failed");
    assertEquals(ofRequest?.fields.requestId, reply.body.instance);
    assertStringIncludes(JSON.stringify(redacted(ofRequest?.fields ?? {})), reply.body.detail);
  }
  failure = new Interrupted("the process was told to stop");
  lines.length = 0;
  const reply = await api.post("/maintenance/backup");
  assertEquals(problemOf(reply), "503 unavailable");
  assertEquals(lines.map(({ message }) => message), ["a request cannot be answered now"]);
  assertStringIncludes(JSON.stringify(redacted(lines[0]?.fields ?? {})), "is stopping");
});

Deno.test("HEAD does not start the verification that GET starts", async () => {
  await using api = await anAdminApi();
  const head = await api.call("HEAD", "/audit-events/verify");
  assertEquals([head.status, head.headers.get("location")], [200, null]);
  const { entries } = await api.provider.backend.list(
    { prefix: ["maintenance_operations"] },
    { limit: 10 },
  );
  assertEquals(entries, []);
  assertEquals((await api.get("/audit-events/verify")).body.state, "nothing_sealed");
});

Deno.test("only an administrator sees an operation, and an unknown one is 404", async () => {
  await using api = await anAdminApi();
  const place = placeOf((await api.post("/maintenance/cleanup")).headers);
  assertEquals((await api.get(place)).body.state, "done");
  assertEquals(problemOf(await api.call("GET", place, { token: null })), "401 invalid-token");
  for (const id of ["A".repeat(22), "x", "a b"]) {
    assertEquals(
      problemOf(await api.get(`/maintenance/operations/${encodeURI(id)}`)),
      "404 not-found",
    );
  }
});

// Some thousand events, so that work that does not give way holds everybody up for half a second.
Deno.test("while the trail is sealed, verified and cleaned up, other requests are answered", async () => {
  await using api = await anAdminApi();
  for (let n = 0; n < 30; n++) {
    await Promise.all(Array.from({ length: 50 }, () => clientToken(api.provider)));
  }
  const { clock } = api.provider;
  const deps: Deps = {
    ...api.provider.deps,
    clock: { ...clock, milliseconds: () => clock.milliseconds() + performance.now() },
    // Only the wait for what is under way is left out.
    timers: { sleep: (ms, signal) => systemTimers.sleep(ms === 15_000 ? 0 : ms, signal) },
  };
  const keptSince = 0;
  let atHand: readonly TrailLine[] = [];
  const works: Record<string, () => Promise<unknown>> = {
    seal: () => sealAuditEvents(deps),
    verify: () => verifyTrail(() => auditTrail(deps), { keptSince, giveWay: pacer(deps) }),
    // From a store that answers at once: what gives way is the verification itself.
    "verify what is at hand": () => verifyTrail(() => atHand, { keptSince, giveWay: pacer(deps) }),
    cleanup() {
      clock.advance(91 * 86_400); // all events are due
      return cleanUp(deps);
    },
  };
  for (const [name, work] of Object.entries(works)) {
    if (name === "verify what is at hand") {
      const lines = await Array.fromAsync(auditTrail(deps));
      atHand = lines.flatMap((line) => line.kind === "leaves" ? Array(20).fill(line) : [line]);
    }
    const { turns, milliseconds } = await turnsDuring(work);
    assert(turns > 3, `${name} left ${turns} turns to others`);
    // On average, as a busy machine now and then stops everybody.
    assert(milliseconds / turns < 100, `${name} left ${turns} turns in ${milliseconds} ms`);
  }
});

/** How often others had their turn, and in how long a time. */
async function turnsDuring(work: () => Promise<unknown>) {
  let turns = 0;
  const began = performance.now();
  const timer = setInterval(() => turns++, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { turns, milliseconds: Math.round(performance.now() - began) };
}

function placeOf(headers: Headers): string {
  return (headers.get("location") ?? "").replace("/api/v1", "");
}

async function ended(api: AdminApi, place: string) {
  for (;;) {
    const { body } = await api.get(place);
    if (body.state !== "running") return body;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
