import type { Exchange } from "../../stores/demo_sessions.ts";

/** The part of `fetch` that the demo needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Records the requests and responses in their order, for the page. */
export interface Recorder {
  readonly exchanges: readonly Exchange[];
  /** A fetch for the requests of one step. */
  fetch(step: Exchange["step"]): (url: string, init: RecordedInit) => Promise<Response>;
  /** Records a request that the browser sends itself. */
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

/** Everything is shown except the client's secret, which stays valid after the page is gone. */
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
