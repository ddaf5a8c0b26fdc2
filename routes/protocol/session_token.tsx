import type { Context } from "hono";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import {
  findSessionToken,
  issueSessionToken,
  verifySessionToken,
} from "../../src/authn/sessions/session_token.ts";
import { isWebOrigin } from "../../src/clients/web_origin.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { withClientLimit } from "../../src/limits/client_authentication.ts";
import { SessionTokenPage } from "../../src/ui/session_token_page.tsx";
import { type Endpoints, endpoints } from "../endpoint.ts";
import { readClientRequest } from "../http/client_request.ts";
import type { AppEnv } from "../http/context.ts";
import { readSession } from "../http/cookies.ts";
import { readForm, readQuery, single } from "../http/form.ts";
import { incomingOf } from "../http/incoming.ts";
import { frameOf, page } from "../http/page.tsx";
import { allowWebOrigin, assertWebOrigin, clientIdParameter } from "../http/web_origin.ts";

/** Tells pages who is signed in, by a single-use token, if browsers do not send our cookie from them. */
export function sessionTokenRoutes(deps: Deps): Endpoints {
  return endpoints({ kind: "client", noStore: true })
    .get("/session/token", async (c) => {
      const query = readQuery(c.req.raw);
      const { client, webOrigin } = await assertRegistered(
        c,
        deps,
        clientIdParameter(query),
        single(query, "origin") ?? null,
      );
      const { clientId } = client;
      const session = await readSession(c, deps);
      const found = await findSessionToken(deps, { origin: c.get("origin"), clientId, session });
      const content = (
        <SessionTokenPage
          frame={frameOf(c, single(query, "ui_locales"))}
          clientName={client.clientName}
          webOrigin={webOrigin}
          message={{ type: "latchkey.session_token", client_id: clientId, ...found }}
          error={"error" in found ? found.error : null}
        />
      );
      return page(c, content);
    }, { kind: "page" })
    .post("/session/token", async (c) => {
      const clientId = clientIdParameter(await readForm(c.req.raw));
      await assertWebOrigin(c, deps, clientId);
      if (clientId === null) throw new OAuthError("invalid_request", "client_id is missing");
      const session = await readSession(c, deps);
      return c.json(
        await issueSessionToken(deps, { origin: c.get("origin"), clientId, session }),
      );
    })
    .post("/session/token/verify", async (c) => {
      const request = await readClientRequest(incomingOf(c), deps, { proof: false });
      await allowWebOrigin(c, deps, request.credentials.clientId, { credentials: false });
      const webOrigin = c.req.header("origin") ?? null;
      const answer = await withClientLimit(
        deps,
        request,
        () => verifySessionToken(deps, { ...request, webOrigin }),
      );
      return c.json(answer);
    }, { counted: "failures", authenticates: "client" });
}

/** The page that opened the popup gets the token only if it has an origin of the client. */
async function assertRegistered(
  c: Context<AppEnv>,
  deps: Deps,
  clientId: string | null,
  webOrigin: string | null,
): Promise<{ readonly client: Client; readonly webOrigin: string }> {
  const { client } = await deps.kv.step(
    c.get("origin"),
    (tx) => tx.read({ client: clientId === null ? null : clients.ref(clientId) }),
  );
  if (client && client.value !== null && webOrigin !== null) {
    if (isWebOrigin(client.value, webOrigin)) return { client: client.value, webOrigin };
  }
  throw new OAuthError(
    "invalid_request",
    "origin is not in the web_origins of a client with this client_id",
  );
}
