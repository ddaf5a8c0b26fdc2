import { assertEquals } from "@std/assert";
import { aClient, type ClientEntry } from "../support/clients.ts";
import { aProvider, issuer, type ProviderOptions, type TestProvider } from "../support/provider.ts";

export const resource = `${issuer}/api/v1`;
export const scope = "latchkey:admin";

/** A client that may call the admin API by itself. */
export const ops: ClientEntry = aClient("ops", {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  scope,
});

export interface CallOptions {
  /** Sent as JSON, unless it is a text. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Another token than that of `ops`; null: none. */
  readonly token?: string | null;
}

/** An answer that has been read. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if there was none. */
  // deno-lint-ignore no-explicit-any -- a test knows what it asked for
  readonly body: any;
  readonly etag: string;
}

/** A provider, and the way to its admin API. */
export interface AdminApi extends AsyncDisposable {
  readonly provider: TestProvider;
  /** Of `ops`, by client_credentials. */
  readonly token: string;
  /** Gets `ops` another token, when time has passed. */
  renewToken(): Promise<void>;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** Starts an operation and waits until it is over. @returns what it has come to, as 200 has it */
  finished(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Reads, and sends a change of what was read. */
  patch(path: string, body: unknown): Promise<Reply>;
  /** All events, the newest first, as `type` or `type reason`. */
  events(query?: string): Promise<string[]>;
}

export async function anAdminApi(options: ProviderOptions = {}): Promise<AdminApi> {
  const clients = [...options.clients ?? [aClient("shop")], ops];
  const provider = await aProvider({ ...options, clients });
  let token = await clientToken(provider);
  const call: AdminApi["call"] = async (method, path, call = {}) => {
    const { body, headers = {} } = call;
    const authorization: Record<string, string> = call.token === null
      ? {}
      : { authorization: `Bearer ${call.token ?? token}` };
    const response = await provider.request(`/api/v1${path}`, {
      method,
      headers: {
        ...authorization,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return await read(response);
  };
  return {
    provider,
    get token() {
      return token;
    },
    async renewToken() {
      token = await clientToken(provider);
    },
    call,
    get: (path, headers = {}) => call("GET", path, { headers }),
    post: (path, body, headers = {}) => call("POST", path, { body, headers }),
    async finished(path, headers = {}) {
      const started = await call("POST", path, { headers });
      if (started.status !== 202) return started;
      const place = (started.headers.get("location") ?? "").replace("/api/v1", "");
      for (;;) {
        const { body, ...reply } = await call("GET", place);
        if (body.state === "done") return { ...reply, body: body.result };
        assertEquals(body.state, "running", JSON.stringify(body));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async patch(path, body) {
      const { etag } = await call("GET", path);
      return await call("PATCH", path, { body, headers: { "if-match": etag } });
    },
    async events(query = "limit=200") {
      const { body } = await call("GET", `/audit-events?${query}`);
      return body.items.map(({ type, reason }: { type: string; reason: string | null }) =>
        reason === null ? type : `${type} ${reason}`
      );
    },
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  };
}

/** A token by client_credentials. */
export async function clientToken(provider: TestProvider, client = "ops"): Promise<string> {
  const response = await provider.post("/token", {
    grant_type: "client_credentials",
    resource,
    scope,
    ...provider.credentials(client),
  });
  const body = await response.json();
  assertEquals(response.status, 200, JSON.stringify(body));
  return body.access_token;
}

/** Reads an answer, which has to be JSON where there is one; a problem has to be whole. */
export async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  const { status, headers } = response;
  const body = text === "" ? {} : JSON.parse(text);
  if (status >= 400) {
    assertEquals(headers.get("content-type"), "application/problem+json", text);
    assertEquals(body.status, status);
    assertEquals(body.instance, headers.get("x-request-id"));
    for (const member of ["type", "title", "detail"]) assertEquals(typeof body[member], "string");
  }
  return { status, headers, body, etag: headers.get("etag") ?? "" };
}

/** Status and kind of a problem, as one text: `404 not-found`. */
export function problemOf({ status, body }: Reply): string {
  return `${status} ${String(body.type).split(":").at(-1)}`;
}

/** Lists every page of a list. */
export async function everyItem(api: AdminApi, path: string): Promise<Reply["body"][]> {
  const items: Reply["body"][] = [];
  let cursor: string | null = null;
  do {
    const joint = path.includes("?") ? "&" : "?";
    const { status, body }: Reply = await api.get(
      cursor === null ? path : `${path}${joint}cursor=${encodeURIComponent(cursor)}`,
    );
    assertEquals(status, 200, JSON.stringify(body));
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}
