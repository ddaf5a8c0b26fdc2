import type { AccessToken } from "../../stores/access_tokens.ts";
import type { Client } from "../../stores/clients.ts";
import { subjectOfClient } from "../claims/subject.ts";

/** The party that acts, and in it the one that acted before. */
interface ActorClaim {
  readonly sub: string;
  readonly act?: ActorClaim;
}

/**
 * The claims that say who acts for the subject of an access token, and who may.
 *
 * @param client the client that holds the token
 * @see RFC 8693 sections 4.1 and 4.4
 */
export function actorClaims(
  exchange: AccessToken["exchange"],
  { mayAct }: Pick<Client, "mayAct">,
): { readonly act?: ActorClaim; readonly may_act?: { readonly sub: string } } {
  const act = exchange?.actors.reduceRight<ActorClaim | undefined>(
    (earlier, sub) => earlier === undefined ? { sub } : { sub, act: earlier },
    undefined,
  );
  return {
    ...(act && { act }),
    ...(mayAct === null ? {} : { may_act: { sub: subjectOfClient(mayAct) } }),
  };
}
