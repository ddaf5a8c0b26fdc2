import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import * as logoutRequests from "../../stores/logout_requests.ts";
import { isRegisteredLogoutUri } from "../clients/redirect_uri.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { isLongState } from "../protocol/kept_parameters.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { noteRefusal } from "../protocol/refusals.ts";
import { type IdTokenHint, readIdTokenHint } from "../tokens/id_token_hint.ts";

/**
 * Reads a request to sign out and stores it, so that the request that the user confirms comes from the
 * store. If anything is wrong with the request, the user can still sign out: then they are asked, and
 * they are not redirected.
 *
 * @returns the id with which the browser continues
 * @see OpenID Connect RP-Initiated Logout sections 2 to 4
 */
export async function keepLogoutRequest(
  deps: Deps,
  { origin, parameters }: { readonly origin: Origin; readonly parameters: RawParameters },
): Promise<string> {
  const { id_token_hint: sentHint } = parameters;
  const hint = typeof sentHint === "string" ? await readIdTokenHint(deps, sentHint) : null;
  const clientId = hint?.clientId ?? text(parameters.client_id);
  return await deps.kv.step(origin, async (tx) => {
    const { client } = await tx.read({
      client: clientId === null || clientId.length > 256 ? null : clients.ref(clientId),
    });
    const refusal = problemOf(parameters, hint, client);
    if (refusal !== null) noteRefusal(refusal);
    const requestId = randomId(tx.random);
    const target = refusal === null ? text(parameters.post_logout_redirect_uri) : null;
    logoutRequests.add(tx, requestId, {
      clientId: client?.value?.clientId ?? null,
      postLogoutRedirectUri: target,
      // It goes to the client or nowhere, and anybody can send 8 KB of it.
      state: target === null ? null : text(parameters.state),
      // Without it the user is asked: only a known application can end a session by itself.
      sid: refusal === null && client?.value ? hint?.sid ?? null : null,
      subject: refusal === null && client?.value ? hint?.subject ?? null : null,
      expiresAt: tx.now + deps.config.lifetimes.interaction,
    });
    return requestId;
  });
}

/** The problem of a request; null: none. */
function problemOf(
  parameters: RawParameters,
  hint: IdTokenHint | null,
  client: Entry<Client> | null,
): RefusalReason | null {
  const { id_token_hint, client_id, post_logout_redirect_uri: target, state } = parameters;
  if ([id_token_hint, client_id, target, state].some(Array.isArray)) return "invalid_request";
  if (isLongState(text(state) ?? "")) return "invalid_request";
  if (id_token_hint !== undefined && hint === null) return "id_token_hint_unverified";
  if (hint !== null && !hint.isTrusted) return "id_token_hint_withdrawn_key";
  if (hint !== null && client_id !== undefined && client_id !== hint.clientId) {
    return "id_token_hint_other_client";
  }
  if (target === undefined) return null;
  // An open redirector would help phishers (RFC 9700 section 4.11).
  if (!client || client.value === null) return "client_id_unknown";
  return isRegisteredLogoutUri(client.value, text(target) ?? "")
    ? null
    : "post_logout_redirect_uri_unregistered";
}

function text(parameter: string | string[] | undefined): string | null {
  return typeof parameter === "string" ? parameter : null;
}
