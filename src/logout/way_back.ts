import type { Client } from "../../stores/clients.ts";
import type { LogoutRequest } from "../../stores/logout_requests.ts";
import { subjectsOf } from "../claims/subject.ts";
import { isOperators } from "../clients/registered_by.ts";
import type { Deps } from "../deps/deps.ts";
import { withQuery } from "../protocol/redirect_url.ts";

/** Where a user continues after a sign-out. */
export interface WayBack {
  readonly url: string;
  /** False: a page names the host, and the user decides. */
  readonly isAutomatic: boolean;
}

/**
 * The way back to the client that asked. If no operator has set its `post_logout_redirect_uris`, a link to
 * this server must not redirect to any site that a stranger has registered. Then the browser is redirected
 * only if the `id_token_hint` is about a user who has signed in with it. Another ID token of the client
 * proves nothing: a stranger who registered the client can have one of their own.
 *
 * @param userIds the users who have signed in with this browser
 * @see RFC 9700 section 4.11.2, OpenID Connect RP-Initiated Logout section 3
 */
export async function wayBackOf(
  deps: Deps,
  client: Client,
  request: LogoutRequest,
  userIds: readonly string[],
): Promise<WayBack | null> {
  const url = urlOf(request);
  if (url === null) return null;
  if (isOperators(client, "post_logout_redirect_uris")) return { url, isAutomatic: true };
  if (request.subject === null || userIds.length === 0) return { url, isAutomatic: false };
  const subjectOf = await subjectsOf(deps, client);
  return { url, isAutomatic: userIds.some((userId) => subjectOf(userId) === request.subject) };
}

function urlOf({ postLogoutRedirectUri, state }: LogoutRequest): string | null {
  if (postLogoutRedirectUri === null || state === null) return postLogoutRedirectUri;
  return withQuery(postLogoutRedirectUri, { state });
}
