import type { Exchange } from "../../stores/demo_sessions.ts";

/** As much of `fetch` as the demo needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Keeps what goes over the wire, in its order, for the page to show. */
export interface Recorder {
  readonly exchanges: readonly Exchange[];
  /** A fetch for the requests of one step. */
  fetch(step: Exchange["step"]): (url: string, init: RecordedInit) => Promise<Response>;
  /** Notes a request that the browser carries by itself. */
  note(step: Exchange["step"], url: string): void;
}

interface RecordedInit extends RequestInit {
  readonly method: string;
  readonly headers: Record<string, string>;
}

export function newRecorder(fetch: Fetch): Recorder {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    fetch: (step) => async (url, init) => {
      const response = await fetch(url, init);
      exchanges.push({
        step,
        request: {
          method: init.method,
          url: short(url),
          headers: withoutSecret(init.headers),
          ...(init.body ? { body: short(String(init.body)) } : {}),
        },
        response: {
          status: response.status,
          headers: Object.fromEntries(
            [...response.headers].map(([name, value]) => [name, short(value)]),
          ),
          body: short(await response.clone().text()),
        },
      });
      return response;
    },
    note(step, url) {
      exchanges.push({ step, request: { method: "GET", url: short(url) } });
    },
  };
}

/** Everything is shown but the client's secret, which outlives what is on the page. */
function withoutSecret(headers: Record<string, string>): Record<string, string> {
  const { authorization } = headers;
  return authorization?.startsWith("Basic ")
    ? { ...headers, authorization: "Basic (the client's id and secret)" }
    : headers;
}

const longest = 8000;

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)} ... (cut)` : text;
}
