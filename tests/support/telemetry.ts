import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  createNoopMeter,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  type Span,
  type SpanStatus,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { loadTelemetry } from "../../src/telemetry/collector.ts";

/** A span that has ended. */
export interface EndedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

/** The telemetry since the last call. */
export interface Collected {
  /** How often, by name and attributes: `latchkey.steps outcome=done`. */
  readonly counts: Record<string, number>;
  readonly spans: EndedSpan[];
}

let collected: Collected = { counts: {}, spans: [] };

/** Takes what was collected until now. */
export function takeCollected(): Collected {
  const taken = collected;
  collected = { counts: {}, spans: [] };
  return taken;
}

/** Collects in this process, in the place of Deno's exporter. Before the first request of a test file. */
export async function collectTelemetry() {
  context.setGlobalContextManager(contextManager());
  metrics.setGlobalMeterProvider({ getMeter });
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  await loadTelemetry();
}

/** Runs work as the span of a request, as Deno does around the handler of a server. */
export function asRequest<T>(work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan("GET", async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

function getMeter(): Meter {
  const meter = createNoopMeter();
  meter.createCounter = (name) => ({
    add(value, attributes) {
      const values = Object.entries(attributes ?? {}).map(([key, one]) => ` ${key}=${one}`);
      const counted = name + values.join("");
      collected.counts[counted] = (collected.counts[counted] ?? 0) + value;
    },
  });
  return meter;
}

const tracer: Tracer = {
  startSpan: (name) => newSpan(name),
  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]) {
    const work = rest.at(-1) as F;
    const span = newSpan(name);
    return context.with(trace.setSpan(context.active(), span), () => work(span)) as ReturnType<F>;
  },
};

function newSpan(name: string): Span {
  const told: EndedSpan & { name: string; status: SpanStatus } = {
    name,
    attributes: {},
    status: { code: SpanStatusCode.UNSET },
  };
  const span: Span = {
    spanContext: () => ({ traceId: "1".repeat(32), spanId: "1".repeat(16), traceFlags: 1 }),
    setAttribute: (key, value) => span.setAttributes({ [key]: value }),
    setAttributes(attributes) {
      Object.assign(told.attributes, attributes);
      return span;
    },
    setStatus(status) {
      told.status = status;
      return span;
    },
    updateName(newName) {
      told.name = newName;
      return span;
    },
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    recordException() {},
    isRecording: () => true,
    end: () => void collected.spans.push(told),
  };
  return span;
}

function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, thisArg, ...args) =>
      storage.run(active, () => work.apply(thisArg as ThisParameterType<typeof work>, args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
