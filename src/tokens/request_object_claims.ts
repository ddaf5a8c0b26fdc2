import { z } from "zod";
import type { Client } from "../../stores/clients.ts";
import { longestObjectLifetime, mostAhead } from "../clients/profile.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";

/** The claims that say by whom, for whom and for when an object was made. */
export const objectClaims = z.object({
  client_id: z.string().optional(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(16)]).optional(),
  exp: z.number().optional(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  jti: z.string().min(1).max(256).optional(),
});
export type ObjectClaims = z.infer<typeof objectClaims>;

/**
 * Checks that an object was made by this client, for this server. An object with the client as its subject
 * could be an assertion.
 *
 * @throws {OAuthError} `invalid_request_object`
 */
export function assertMeant(
  { client_id, iss, aud, sub, iat = -Infinity, nbf, exp }: ObjectClaims,
  { client, issuer, signed, now }: {
    readonly client: Client;
    readonly issuer: string;
    readonly signed: boolean;
    readonly now: number;
  },
) {
  const { clientId } = client;
  if (client_id !== undefined && client_id !== clientId) {
    throw refused("its client_id is not that of the request");
  }
  if (iss === undefined ? signed : iss !== clientId) throw refused("its iss must be the client_id");
  if (aud === undefined ? signed : !aud.includes(issuer)) {
    throw refused("its aud must be the issuer identifier of this server");
  }
  if (sub === clientId) throw refused("its sub must not be the client_id");
  if (iat > now + mostAhead(client)) throw refused("its iat must not be in the future");
  const longest = longestObjectLifetime(client);
  if (longest !== null) assertShortLived({ nbf, exp }, now, longest);
}

/** @see FAPI 2.0 Message Signing section 5.3.1 */
function assertShortLived(
  { nbf, exp }: Pick<ObjectClaims, "nbf" | "exp">,
  now: number,
  longest: number,
) {
  if (nbf === undefined || nbf < now - longest) {
    throw refused(`its nbf must be at most ${longest} seconds ago`);
  }
  if (exp === undefined || exp > nbf + longest) {
    throw refused(`its exp must be at most ${longest} seconds after nbf`);
  }
}

/** The error of an object that is not accepted. @param problem for the client's developer */
export function refused(
  problem: string,
  reason: RefusalReason | null = null,
  cause?: unknown,
): OAuthError {
  return new OAuthError("invalid_request_object", `the request object is refused: ${problem}`, {
    cause,
    ...(reason === null ? {} : { reason }),
  });
}
