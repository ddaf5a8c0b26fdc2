import type { Client } from "../../stores/clients.ts";
import { type Grant, isTo } from "../../stores/grants.ts";
import { isPublic } from "./authenticate.ts";
import { isRegisteredRedirectUri } from "./redirect_uri.ts";

/**
 * Whether a grant is still this client's. A client without a secret proves nothing of itself but that
 * the code reached its redirect URI: once that is not registered any more, neither is who holds the
 * tokens. A client with a secret is bound by that.
 */
export function isStillHeldBy(client: Client, grant: Grant): boolean {
  if (!isTo(client, grant)) return false;
  if (!isPublic(client) || grant.redirectUri === null) return true;
  return isRegisteredRedirectUri(client, grant.redirectUri);
}
