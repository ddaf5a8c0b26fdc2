import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

/** Runs work as a span of its own, within the one that it was called in. */
export function withSpan<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer("latchkey").startActiveSpan(name, async (span) => {
    try {
      return await work(span);
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

/** Marks a span as one that failed, which a refusal of the protocol is not. */
export function markFailed(span: Span) {
  span.setStatus({ code: SpanStatusCode.ERROR });
}
