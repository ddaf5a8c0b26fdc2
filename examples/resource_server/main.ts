import { Refused, resourceServer } from "./resource_server.ts";

const resource = Deno.env.get("RESOURCE") ?? "http://localhost:3000/notes";
const { metadataPath, metadata, access } = resourceServer({
  issuer: Deno.env.get("ISSUER") ?? "http://localhost:8000",
  resource,
  scopes: ["notes:read", "notes:write"],
  introspection: {
    clientId: "example-notes",
    clientSecret: Deno.env.get("CLIENT_SECRET") ?? "development-only-secret-of-example-notes",
  },
  nonces: true,
});

const notes = new Map<string, string[]>();
const { port, pathname: path } = new URL(resource);

Deno.serve({ hostname: "localhost", port: Number(port) }, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === metadataPath) return metadata();
  if (pathname !== path) return new Response(null, { status: 404 });
  try {
    const isRead = request.method === "GET";
    const { subject } = await access(request, [isRead ? "notes:read" : "notes:write"]);
    const own = notes.get(subject) ?? [];
    if (!isRead) notes.set(subject, [...own, await request.text()]);
    return Response.json(notes.get(subject) ?? []);
  } catch (error) {
    if (error instanceof Refused) return error.response;
    throw error;
  }
});
