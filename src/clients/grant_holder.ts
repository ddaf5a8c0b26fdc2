import type { Client } from "../../stores/clients.ts";
import { type Grant, isTo } from "../../stores/grants.ts";
import { isPublic } from "./authenticate.ts";
import { isRegisteredRedirectUri } from "./redirect_uri.ts";

/**
 * Whether a grant is still this client's. A client without a secret proves only that the code reached its
 * redirect URI: once that URI is no longer registered, its tokens may be in other hands. A client with a
 * secret is recognised by it.
 */
export function isStillHeldBy(client: Client, grant: Grant): boolean {
  if (!isTo(client, grant)) return false;
  if (!isPublic(client) || grant.redirectUri === null) return true;
  return isRegisteredRedirectUri(client, grant.redirectUri);
}
