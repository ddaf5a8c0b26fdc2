import * as clients from "../../stores/clients.ts";
import { clientLogo } from "../../src/clients/logo.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { type Pages, pages } from "../endpoint.ts";
import { imagePolicy } from "./assets.ts";
import { logoVersion } from "../http/client_logo_url.ts";
import { situationPage } from "../http/situation_page.tsx";

/** The logos in clients' metadata, served from our own origin. */
export function clientLogoRoutes(deps: Deps): Pages {
  return pages().get("/clients/:clientId/logo", async (c) => {
    const clientId = c.req.param("clientId");
    if (clientId.length > 256) return situationPage(c, "not_found", 404);
    const { client } = await deps.kv.step(
      c.get("origin"),
      (tx) => tx.read({ client: clients.ref(clientId) }),
    );
    const logoUri = client.value?.logoUri ?? null;
    const logo = clientLogo(logoUri);
    if (logo === null || logoUri === null) return situationPage(c, "not_found", 404);
    // At the URL of another version, this logo must not be cached forever.
    const current = c.req.query("v") === await logoVersion(logoUri);
    return c.body(logo.bytes, 200, {
      "Cache-Control": current ? "public, max-age=31536000, immutable" : "no-cache",
      "Content-Security-Policy": imagePolicy,
      "Content-Type": logo.type,
    });
  }, { isSafe: true });
}
