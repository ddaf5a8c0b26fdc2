import { type Attributes, SpanStatusCode, trace } from "@opentelemetry/api";

/**
 * Runs work as a span of its own, within the one that it was called in.
 *
 * @param ended hears what was thrown, if anything. @returns whether the span failed, which it did not
 *   by a refusal of the protocol
 */
export function withSpan<T>(
  name: string,
  work: () => Promise<T>,
  ended: (thrown: { readonly error: unknown } | null) => boolean,
): Promise<T> {
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

/** Tells the span that is open about itself; without one, or if nobody collects, nothing happens. */
export function tellSpan(attributes: Attributes) {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** Whether the open span goes anywhere, so that what it would be told is worth finding out. */
export function isTraced(): boolean {
  return trace.getActiveSpan()?.isRecording() ?? false;
}

/** Gives the open span the name of what it turned out to be. */
export function nameSpan(name: string) {
  trace.getActiveSpan()?.updateName(name);
}
