import { assertEquals, assertMatch } from "@std/assert";
import { SpanStatusCode } from "@opentelemetry/api";
import { kvObserver } from "../../src/telemetry/kv_observer.ts";
import { systemTimers } from "../../stores/engine/kv.ts";
import { faultyKv } from "../support/faulty_kv.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { asRequest, collectTelemetry, takeCollected } from "../support/telemetry.ts";

await collectTelemetry();

function aTracedProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  return aProvider({ ...options, observer: kvObserver(silentLogger) });
}

/** The spans of one request, in the order of their ends. */
async function spansOf(work: () => Promise<Response>) {
  takeCollected();
  const response = await asRequest(work);
  await response.body?.cancel();
  return { response, spans: takeCollected().spans };
}

Deno.test("a request's span is named by its route, without the ids in its path, and has its id", async () => {
  await using provider = await aTracedProvider();
  const { response, spans } = await spansOf(() => provider.request("/api/v1/users/somebody"));
  const request = spans.at(-1);
  assertEquals(request?.name, "GET /api/v1/users/:id");
  assertEquals(request?.attributes, {
    "http.route": "/api/v1/users/:id",
    "latchkey.request_id": response.headers.get("x-request-id") ?? "none",
  });
});

Deno.test("each step is a span that names the events it wrote", async () => {
  await using provider = await aTracedProvider();
  await provider.exchange(await provider.authorize()); // unseals the key that signs
  const code = await provider.authorize();
  const { spans } = await spansOf(() => provider.exchange(code));
  const [step, request] = spans;
  assertEquals([spans.length, step?.name, request?.name], [2, "step", "POST /token"]);
  assertEquals(step?.attributes["latchkey.step.events"], "code_exchanged");
  assertMatch(String(step?.attributes["latchkey.step.checks"]), /^[1-9]$/);
  assertEquals(step?.status.code, SpanStatusCode.UNSET);
});

Deno.test("a span fails after an outage, but not after a refusal", async () => {
  let isDown = false;
  const wrap: ProviderOptions["wrap"] = (store) =>
    faultyKv({ ...store, remote: true }, {
      timers: systemTimers,
      fault: () => isDown ? { kind: "throwBefore" } : null,
    });
  await using provider = await aTracedProvider({ wrap });
  const statusOf = async () => {
    const unknown = () => provider.exchange(`${"A".repeat(22)}.${"A".repeat(43)}`);
    const { spans } = await spansOf(unknown);
    return spans.find(({ name }) => name === "step")?.status.code;
  };
  assertEquals(await statusOf(), SpanStatusCode.UNSET);
  isDown = true;
  assertEquals(await statusOf(), SpanStatusCode.ERROR);
  isDown = false;
});
