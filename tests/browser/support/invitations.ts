import { assertEquals } from "@std/assert";
import { aClient } from "../../support/clients.ts";
import type { BrowserServer } from "./server.ts";

const scope = "latchkey:admin";

/** A client that invites people, by itself. */
export const ops = aClient("ops", {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  scope,
});

/** Invites somebody to a server that has this client. @returns the link of the invitation */
export async function invite(server: BrowserServer, email: string): Promise<string> {
  const { provider } = server;
  const granted = await provider.post("/token", {
    grant_type: "client_credentials",
    resource: `${server.issuer}/api/v1`,
    scope,
    ...provider.credentials("ops"),
  });
  const { access_token } = await granted.json();
  const invited = await provider.request("/api/v1/invitations", {
    method: "POST",
    headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ email }),
  });
  assertEquals(invited.status, 201, await invited.text());
  return await server.newestLink();
}
