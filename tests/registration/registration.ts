import type { TestProvider } from "../support/provider.ts";

/** The answer of the registration endpoints, read. */
export interface Registered {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- a test knows what it asked for
  readonly body: any;
  readonly headers: Headers;
}

export const callback = "https://app.example/callback";

/** Sends client metadata; a text is sent as it is. */
export async function register(
  provider: TestProvider,
  metadata: unknown = { redirect_uris: [callback] },
  { token, address }: { readonly token?: string; readonly address?: string } = {},
): Promise<Registered> {
  return await read(
    await provider.request("/register", {
      method: "POST",
      ...(address === undefined ? {} : { address }),
      headers: { "content-type": "application/json", ...bearer(token) },
      body: typeof metadata === "string" ? metadata : JSON.stringify(metadata),
    }),
  );
}

/** Asks about a client's own registration. */
export async function configure(
  provider: TestProvider,
  method: "GET" | "PUT" | "DELETE",
  { uri, token, body }: {
    readonly uri: string;
    readonly token?: string;
    readonly body?: unknown;
  },
): Promise<Registered> {
  return await read(
    await provider.request(uri, {
      method,
      headers: {
        ...bearer(token),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

async function read(response: Response): Promise<Registered> {
  const text = await response.text();
  const body = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, body, headers: response.headers };
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
