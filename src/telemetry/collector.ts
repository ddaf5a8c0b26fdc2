type Telemetry = typeof import("@opentelemetry/api");

let loaded: Telemetry | null = null;

/** Where all collectors of a process register, by the major version of the package. */
const registered = Symbol.for("opentelemetry.js.api.1");

/**
 * Loads what spans and counters are made of, if somebody has registered who takes them, as Deno does with
 * OTEL_DENO=true before it runs anything. Nobody else needs its 50 modules, which take 6 ms of a start.
 */
export async function loadTelemetry(): Promise<void> {
  if (registered in globalThis) loaded ??= await import("@opentelemetry/api");
}

/** Null: nobody takes spans and counters. */
export function telemetry(): Telemetry | null {
  return loaded;
}
