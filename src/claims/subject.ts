import type { Client } from "../../stores/clients.ts";
import { isRandomId } from "../crypto/random.ts";
import type { PairwiseDeps } from "./pairwise.ts";

/** The subject identifiers that a client sees, by the user's id. */
export type Subjects = (userId: string) => string;

/** All clients see the same, random id, which is never given again. */
export const publicSubjects: Subjects = (userId) => userId;

/**
 * The subject identifiers of a client: the user's id, or for a pairwise client one that no other sector sees.
 *
 * @see OpenID Connect Core section 8
 */
export async function subjectsOf(deps: PairwiseDeps, client: Client): Promise<Subjects> {
  if (client.subjectType === "public") return publicSubjects;
  const { pairwiseSubjects } = await import("./pairwise.ts"); // few clients need it
  return await pairwiseSubjects(deps, client);
}

/** The same for one user. */
export async function subjectOf(
  deps: PairwiseDeps,
  client: Client,
  userId: string,
): Promise<string> {
  return (await subjectsOf(deps, client))(userId);
}

/**
 * The subject of a token that a client got for itself: its id, unless that could be a user's. An
 * operator chooses client ids, so one could be registered with somebody's subject, and a resource server
 * that looks at `sub` alone would take it for that user. No subject of a user has a colon, and no
 * other client has this subject: an id that begins like one gets the prefix, too.
 *
 * @see RFC 9700 section 4.15, RFC 9068 section 2.2
 */
export function subjectOfClient(clientId: string): string {
  const couldBeUser = isRandomId(clientId);
  return couldBeUser || clientId.startsWith(prefix) ? `${prefix}${clientId}` : clientId;
}

const prefix = "client:";
