import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Refused, resourceServer } from "../../examples/resource_server/resource_server.ts";

type OAuthTokens = NonNullable<Awaited<ReturnType<OAuthClientProvider["tokens"]>>>;

/** What a test knows of one side of the network: the answer to a request at any origin. */
export type Net = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The entry of an MCP server among the resources of Latchkey. */
export function mcpResource(resource: string) {
  return {
    resource,
    scopes: ["tools:read", "tools:write"],
    clients: "any",
    introspection_clients: [gateway.clientId],
    metadata: {},
  };
}

/** The client with which the MCP server introspects. */
export const gateway = { clientId: "gateway", clientSecret: "the secret of gateway" };

/**
 * An MCP server with two tools, as far as these tests need one: `read`, and `write` that needs another scope.
 * The checks of its tokens are those of the example.
 */
export function anMcpServer({ issuer, resource, net, now }: {
  readonly issuer: string;
  readonly resource: string;
  readonly net: Net;
  readonly now?: () => number;
}): (request: Request) => Promise<Response> {
  const { metadataPath, metadata, access } = resourceServer({
    issuer,
    resource,
    scopes: ["tools:read"], // those that a client needs at first
    introspection: gateway,
    fetch: net,
    ...(now ? { now } : {}),
  });
  return async (request) => {
    if (new URL(request.url).pathname === metadataPath) return metadata();
    try {
      const body = request.method === "POST" ? await request.json() : null;
      const needed = body?.params?.name === "write" ? ["tools:write"] : ["tools:read"];
      const { subject } = await access(request, needed);
      if (body === null) return new Response(null, { status: 405 }); // no stream
      if (body.id === undefined) return new Response(null, { status: 202 });
      return Response.json({ jsonrpc: "2.0", id: body.id, result: resultOf(body, subject) });
    } catch (error) {
      if (error instanceof Refused) return error.response;
      throw error;
    }
  };
}

function resultOf(
  { method, params }: { readonly method: string; readonly params: Record<string, unknown> },
  subject: string,
) {
  if (method === "initialize") {
    const { protocolVersion } = params;
    return {
      protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "t", version: "1" },
    };
  }
  if (method === "tools/call") return { content: [{ type: "text", text: subject }] };
  const inputSchema = { type: "object" };
  return { tools: ["read", "write"].map((name) => ({ name, inputSchema })) };
}

/** An application with the MCP SDK, and what it remembers. */
export interface McpApp {
  /** Registrations, tokens, and where it last sent the browser. */
  readonly kept: {
    client?: { client_id: string } & Record<string, unknown>;
    tokens?: OAuthTokens;
    verifier?: string;
    sentTo?: URL;
  };
  /** Connects, and lists the tools. @throws {UnauthorizedError} after the browser was sent away */
  tools(): Promise<string[]>;
  call(tool: string): Promise<unknown>;
  /** Ends what `tools` has begun. */
  finish(callback: URL): Promise<void>;
}

export const callback = "http://127.0.0.1:7777/callback";

/** @param documentUrl the URL of its metadata document; without it, it registers itself */
export function anMcpApp(server: string, net: Net, documentUrl?: string): McpApp {
  const kept: McpApp["kept"] = {};
  const authProvider: OAuthClientProvider = {
    redirectUrl: callback,
    ...(documentUrl === undefined ? {} : { clientMetadataUrl: documentUrl }),
    clientMetadata: {
      client_name: "MCP app",
      redirect_uris: [callback],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    state: () => "a state",
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    redirectToAuthorization: (url) => void (kept.sentTo = url),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier ?? "",
    invalidateCredentials(scope) {
      if (scope === "all" || scope === "client") delete kept.client;
      if (scope === "all" || scope === "tokens") delete kept.tokens;
    },
  };
  const transport = () =>
    new StreamableHTTPClientTransport(new URL(server), { authProvider, fetch: net });
  const connected = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ name: "app", version: "1" });
    try {
      // The SDK's own types disagree where undefined may be set.
      await client.connect(transport() as Parameters<Client["connect"]>[0]);
      return await work(client);
    } finally {
      await client.close();
    }
  };
  return {
    kept,
    tools: () =>
      connected(async (client) => (await client.listTools()).tools.map(({ name }) => name)),
    call: (name) => connected(async (client) => (await client.callTool({ name })).content),
    finish: (landed) => transport().finishAuth(landed.searchParams.get("code") ?? ""),
  };
}
