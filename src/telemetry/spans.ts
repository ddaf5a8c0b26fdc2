import type { Attributes } from "@opentelemetry/api";
import { telemetry } from "./collector.ts";

/**
 * Runs work in its own span, inside the current one.
 * @param ended called with the error, if any, unless nobody takes spans and counters. @returns whether the
 *   span failed; a protocol refusal is no failure
 */
export function withSpan<T>(
  name: string,
  work: () => Promise<T>,
  ended: (thrown: { readonly error: unknown } | null) => boolean,
): Promise<T> {
  const collector = telemetry();
  if (collector === null) return work(); // an unused span costs more than a short step does
  const { SpanStatusCode, trace } = collector;
  return trace.getTracer("latchkey").startActiveSpan(name, async (span) => {
    try {
      const result = await work();
      ended(null);
      return result;
    } catch (error) {
      if (ended({ error })) span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Adds attributes to the current span. Does nothing without a span or a collector. */
export function tellSpan(attributes: Attributes) {
  telemetry()?.trace.getActiveSpan()?.setAttributes(attributes);
}

/** Whether the current span is recorded, so that it is worth computing attributes. */
export function isTraced(): boolean {
  return telemetry()?.trace.getActiveSpan()?.isRecording() ?? false;
}

/** Renames the current span once its kind is known. */
export function nameSpan(name: string) {
  telemetry()?.trace.getActiveSpan()?.updateName(name);
}
