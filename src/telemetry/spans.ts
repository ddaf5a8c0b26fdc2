import { type Attributes, ProxyTracerProvider, SpanStatusCode, trace } from "@opentelemetry/api";

/**
 * Runs work in its own span, inside the current one.
 * @param ended called with the error, if any. @returns whether the span failed; a protocol refusal is no
 *   failure
 */
export function withSpan<T>(
  name: string,
  work: () => Promise<T>,
  ended: (thrown: { readonly error: unknown } | null) => boolean,
): Promise<T> {
  if (!hasCollector()) return withoutSpan(work, ended);
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

/** Whether anybody has registered who takes spans. An unused span costs more than a short step does. */
function hasCollector(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegateTracer("latchkey") !== undefined;
}

async function withoutSpan<T>(
  work: () => Promise<T>,
  ended: (thrown: { readonly error: unknown } | null) => boolean,
): Promise<T> {
  try {
    const result = await work();
    ended(null);
    return result;
  } catch (error) {
    ended({ error });
    throw error;
  }
}

/** Adds attributes to the current span. Does nothing without a span or a collector. */
export function tellSpan(attributes: Attributes) {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** Whether the current span is recorded, so that it is worth computing attributes. */
export function isTraced(): boolean {
  return trace.getActiveSpan()?.isRecording() ?? false;
}

/** Renames the current span once its kind is known. */
export function nameSpan(name: string) {
  trace.getActiveSpan()?.updateName(name);
}
