import type { Client } from "../../stores/clients.ts";
import type { PairwiseDeps } from "./pairwise.ts";

/**
 * The `sid` of a session for a client, the same in each token and message. A pairwise client gets one that no
 * other sector sees: the same `sid` at two clients would say that their user is the same.
 *
 * @see OpenID Connect Core section 8.1, OpenID Connect Front-Channel Logout section 3
 */
export async function sidFor(deps: PairwiseDeps, client: Client, sid: string): Promise<string> {
  if (client.subjectType === "public") return sid;
  const { pairwiseSid } = await import("./pairwise.ts"); // few clients need it
  return await pairwiseSid(deps, client, sid);
}
