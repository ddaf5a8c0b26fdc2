import type { Client } from "../../stores/clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { registeredBy } from "../clients/registered_by.ts";
import type { Deps } from "../deps/deps.ts";
import { isRateLimited } from "../limits/too_many_requests.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { noteAnswer, rest } from "./resting.ts";

/** What became of an attempt. The error is for operators, and says nothing that the client sent. */
export type Outcome =
  | { readonly kind: "told" }
  /** The client says that another attempt would be refused too. */
  | { readonly kind: "refused"; readonly error: string }
  | { readonly kind: "unanswered"; readonly error: string }
  /** Our own limits did not allow the request. */
  | { readonly kind: "held_back"; readonly error: string };

/** Seconds for which a client is not called after our own limits held a message back. */
export const afterLimit = 30;
/** Bytes: an answer has no content, but an application may send its usual page. */
const mostBytes = 64 * 1024;

/** Tells a client that a session has ended. @see OpenID Connect Back-Channel Logout sections 2.5 and 2.8 */
export async function sendLogoutToken(
  deps: Deps,
  client: Client & { readonly backchannelLogoutUri: string },
  token: string,
): Promise<Outcome> {
  const { clientId, backchannelLogoutUri: url } = client;
  const isOperators = registeredBy(client) === "operator";
  try {
    const { status } = await sendOutgoing(deps, {
      url,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", "cache-control": "no-store" },
      body: new URLSearchParams({ logout_token: token }).toString(),
      mostBytes,
      origin: systemOrigin,
      knownClient: isOperators ? clientId : null,
      isLogout: true,
      isOperators,
    });
    // A server that answers 503 at once holds nobody up, but it wants fewer requests.
    noteAnswer(deps, clientId, status < 500);
    if (status === 200 || status === 204) return { kind: "told" };
    return { kind: status === 400 ? "refused" : "unanswered", error: `answered ${status}` };
  } catch (error) {
    if (isRateLimited(error)) {
      rest(deps, clientId, afterLimit);
      return { kind: "held_back", error: "too many requests to its host" };
    }
    if (!(error instanceof OutgoingRefused)) throw error;
    noteAnswer(deps, clientId, false);
    return { kind: "unanswered", error: error.message.slice(0, 256) };
  }
}
