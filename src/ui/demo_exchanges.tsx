import { CodeBlock, Disclosure } from "./components.tsx";
import type { Strings } from "../language/strings/en.ts";

export type DemoStep = keyof Strings["demo"]["steps"];

type Headers = Readonly<Record<string, string>>;

/** One request of the demo and its response, as they were sent. */
export interface HttpExchange {
  readonly step: DemoStep;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: Headers;
    /** A form as it was sent. Its parameters are shown one on each line. */
    readonly body?: string;
  };
  /** Absent if the browser sent the request itself (authorization, sign-out). */
  readonly response?: {
    readonly status: number;
    readonly headers?: Headers;
    /** JSON is indented; anything else is shown as it is. */
    readonly body?: string;
  };
}

/** The steps of the flow. Only the newest is open. */
export function DemoExchanges(props: {
  exchanges: readonly HttpExchange[];
  t: Strings["demo"];
}) {
  const { exchanges, t } = props;
  if (exchanges.length === 0) return null;
  return (
    <section aria-labelledby="exchanges">
      <h2 id="exchanges">{t.exchangesTitle}</h2>
      <p class="hint">{t.exchangesLead}</p>
      {exchanges.map((exchange, i) => (
        <Disclosure summary={<Summary {...exchange} t={t} />} open={i === exchanges.length - 1}>
          <div class="columns">
            <div class="column">
              <h3 class="label">{t.request}</h3>
              <CodeBlock>{requestText(exchange.request)}</CodeBlock>
            </div>
            <div class="column">
              <h3 class="label">{t.response}</h3>
              {exchange.response
                ? <CodeBlock>{responseText(exchange.response)}</CodeBlock>
                : <p class="hint">{t.noResponse}</p>}
            </div>
          </div>
        </Disclosure>
      ))}
    </section>
  );
}

function Summary({ step, request, response, t }: HttpExchange & { t: Strings["demo"] }) {
  const refused = response !== undefined && response.status >= 400;
  return (
    <>
      <span class="step">{t.steps[step]}</span>
      {response && <code class={refused ? "status status-bad" : "status"}>{response.status}</code>}
      <code class="step-line">{request.method} {URL.parse(request.url)?.pathname}</code>
    </>
  );
}

function requestText(request: HttpExchange["request"]): string {
  const { url, query } = splitQuery(request.url);
  const start = [`${request.method} ${url}`, ...query, ...headerLines(request.headers)];
  return [...start, ...bodyLines(request.body?.replaceAll("&", "\n&"))].join("\n");
}

function responseText(response: NonNullable<HttpExchange["response"]>): string {
  const start = [`${response.status}`, ...headerLines(response.headers)];
  return [...start, ...bodyLines(response.body && indented(response.body))].join("\n");
}

// One parameter on each line, so that an authorization request can be read without scrolling.
function splitQuery(url: string): { url: string; query: string[] } {
  const at = url.indexOf("?");
  if (at === -1) return { url, query: [] };
  const parameters = url.slice(at + 1).split("&");
  return {
    url: url.slice(0, at),
    query: parameters.map((p, i) => `${i === 0 ? "?" : "&"}${p}`),
  };
}

function headerLines(headers: Headers = {}): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}

function bodyLines(body: string | undefined): string[] {
  return body ? ["", body] : [];
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // not JSON: an HTML error page, a JWT
  }
}
