import * as clients from "../../stores/clients.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { registeredBy } from "../clients/registered_by.ts";
import { withoutFragment } from "../clients/request_uri.ts";
import type { Deps } from "../deps/deps.ts";
import { OutgoingRefused } from "../outgoing/refused.ts";
import { sendOutgoing } from "../outgoing/send.ts";
import { OAuthError } from "../protocol/errors.ts";

const mostBytes = 16 * 1024;

/**
 * Fetches a request object from a URL that its client registered. Only those, to the letter: otherwise
 * anybody could make this server ask any other. A fragment may differ, as a client changes it with the
 * object: it is sent to nobody, and nothing is cached here.
 *
 * @throws {OAuthError} `invalid_request_uri`; 429
 * @see RFC 9101 sections 5.2.3 and 10.4, OpenID Connect Core section 6.2
 */
export async function fetchRequestObject(
  deps: Deps,
  origin: Origin,
  { clientId, requestUri }: { readonly clientId: string; readonly requestUri: string },
): Promise<string> {
  const { client } = await deps.kv.step(origin, (tx) => tx.read({ client: clients.ref(clientId) }));
  const url = withoutFragment(requestUri);
  if (!client.value?.requestUris.some((registered) => withoutFragment(registered) === url)) {
    throw refused("request_uri is not one that the client registered");
  }
  const isOperators = registeredBy(client.value) === "operator";
  try {
    const { status, bytes } = await sendOutgoing(deps, {
      url,
      headers: { accept: "application/oauth-authz-req+jwt, application/jwt" },
      mostBytes,
      origin,
      knownClient: isOperators ? clientId : null,
      isOperators,
    });
    if (status !== 200) throw refused("there is no request object at request_uri");
    return new TextDecoder().decode(bytes).trim();
  } catch (error) {
    if (!(error instanceof OutgoingRefused)) throw error;
    deps.logger.warn(`the request object of the client "${clientId}" cannot be fetched`, {
      clientId,
      error,
    });
    throw refused("request_uri cannot be fetched");
  }
}

function refused(description: string): OAuthError {
  return new OAuthError("invalid_request_uri", description);
}
