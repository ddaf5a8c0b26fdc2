import * as clients from "../../stores/clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import { AuthorizationError, requestedClientId, responseTarget } from "../interactions/target.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { pushedRequestRef, requestFrom } from "./request_source.ts";

/**
 * The error for a request that is refused before it is checked, for example past a limit. An
 * application that waits in a frame gets a redirect, because a frame cannot show our page, and the
 * application would wait forever. All others get a page.
 *
 * @param isFramed whether the browser says that the request is in a frame
 * @param isSignedIn whether the browser has a session. Without a session and without a frame, no
 *   application waits.
 * @returns the error to throw
 * @see RFC 6749 section 4.1.2.1 (temporarily_unavailable)
 */
export async function refusalOf(
  deps: Deps,
  { parameters, isFramed, isSignedIn, error }: {
    readonly parameters: RawParameters;
    readonly isFramed: boolean;
    readonly isSignedIn: boolean;
    readonly error: OAuthError;
  },
): Promise<Error> {
  try {
    const clientId = requestedClientId(parameters);
    const pushedRef = await pushedRequestRef(parameters);
    if (!isFramed && !isSignedIn) return error;
    if (!isFramed && pushedRef === null && !isSilent(parameters)) return error;
    const { client, pushed, provider } = await deps.kv.step(
      systemOrigin,
      (tx) => providers.read(tx, { client: clients.ref(clientId), pushed: pushedRef }),
    );
    const { request: _, request_uri: __, ...outside } = parameters;
    const asked = pushed === null
      ? outside
      : requestFrom(pushed, { clientId, provider }).parameters;
    if (!isFramed && !isSilent(asked)) return error;
    return new AuthorizationError(error, responseTarget(client.value, asked).target);
  } catch (refused) {
    // If the request has other errors too, there may be no valid URL for a redirect.
    if (refused instanceof OAuthError || refused instanceof AuthorizationError) return error;
    throw refused;
  }
}

function isSilent({ prompt }: RawParameters): boolean {
  return typeof prompt === "string" && prompt.split(" ").includes("none");
}
