/** The exported telemetry of a server, as a collector receives it by OTLP over HTTP. */
export interface Exported {
  readonly spans: ExportedSpan[];
  /** The newest sum of each counter, over all of its attributes. */
  readonly sums: Map<string, number>;
  readonly logs: string[];
  /** All bodies, whatever is in them. */
  readonly texts: string[];
}

export interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly attributes: Record<string, unknown>;
}

export interface Collector extends AsyncDisposable {
  readonly exported: Exported;
  /** The variables that make a Deno process export to it, at once. */
  readonly env: Readonly<Record<string, string>>;
  /** Waits until something was exported. @throws after 20 seconds */
  until(what: string, isThere: (exported: Exported) => boolean): Promise<void>;
}

/** A collector of its own. @see OpenTelemetry Protocol 1.x, OTLP/HTTP */
export function aCollector(): Collector {
  const exported: Exported = { spans: [], sums: new Map(), logs: [], texts: [] };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    exported.texts.push(text);
    keep(exported, JSON.parse(text));
    return Response.json({});
  });
  return {
    exported,
    env: {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: "latchkey",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_BLRP_SCHEDULE_DELAY: "100",
    },
    async until(what, isThere) {
      for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt;) {
        if (isThere(exported)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`not exported: ${what}`);
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface Body {
  readonly resourceSpans?: { scopeSpans: { spans: (Named & { traceId: string })[] }[] }[];
  readonly resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[];
  readonly resourceLogs?: { scopeLogs: { logRecords: { body?: Value }[] }[] }[];
}

interface Named {
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
}

type Value = Readonly<Record<string, unknown>>;

interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Value[] };
}

function keep(exported: Exported, body: Body) {
  for (const { scopeSpans } of body.resourceSpans ?? []) {
    for (const { name, traceId, attributes } of scopeSpans.flatMap(({ spans }) => spans)) {
      const values = attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
      exported.spans.push({ name, traceId, attributes: Object.fromEntries(values) });
    }
  }
  for (const { scopeMetrics } of body.resourceMetrics ?? []) {
    for (const { name, sum } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const points = sum?.dataPoints ?? [];
      const total = points.map(({ asInt, asDouble }) => Number(asInt ?? asDouble ?? 0))
        .reduce((one, other) => one + other, 0);
      if (sum) exported.sums.set(name, total);
    }
  }
  for (const { scopeLogs } of body.resourceLogs ?? []) {
    for (const { body: line } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      exported.logs.push(String(line?.stringValue ?? ""));
    }
  }
}
