import * as clients from "../../stores/clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import { AuthorizationError, requestedClientId, responseTarget } from "../interactions/target.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { pushedRequestRef, requestFrom } from "./request_source.ts";

/**
 * How a request is refused before it is looked at, as past a limit. An application that waits in a frame
 * is told by a redirect, since a frame shows no page of ours and the application would wait for nothing.
 * Everybody else gets a page.
 *
 * @param isFramed whether the browser says that it opens the request in a frame
 * @param isSignedIn whether the browser has a session: without one, and in no frame, nobody waits
 * @returns what to throw
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
    const { parameters: asked } = requestFrom(parameters, pushed, { clientId, provider });
    if (!isFramed && !isSilent(asked)) return error;
    return new AuthorizationError(error, responseTarget(client.value, asked).target);
  } catch (refused) {
    // Whoever asks wrongly in other ways as well has no address to be sent to.
    if (refused instanceof OAuthError || refused instanceof AuthorizationError) return error;
    throw refused;
  }
}

function isSilent({ prompt }: RawParameters): boolean {
  return typeof prompt === "string" && prompt.split(" ").includes("none");
}
