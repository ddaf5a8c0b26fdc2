import type { Client } from "../../stores/clients.ts";
import type { Deps } from "../deps/deps.ts";
import { type Outcome, sendMessage } from "../outgoing/message.ts";

/** Tells a client that a session has ended. @see OpenID Connect Back-Channel Logout sections 2.5 and 2.8 */
export async function sendLogoutToken(
  deps: Deps,
  client: Client & { readonly backchannelLogoutUri: string },
  token: string,
): Promise<Outcome> {
  return await sendMessage(deps, client, {
    kind: "logout",
    url: client.backchannelLogoutUri,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ logout_token: token }).toString(),
    final: [400],
  });
}
