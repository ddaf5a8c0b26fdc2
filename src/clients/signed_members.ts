import { z } from "zod";
import { requestObjectAlgorithms } from "../../stores/signed_messages.ts";
import { signingAlgorithms } from "../../stores/provider.ts";
import { checked, converted, flag, kept, orNull } from "./member.ts";
import { requestUriProblem } from "./request_uri.ts";

/**
 * The members about what a client signs or wants signed, as src/clients/members.ts has the others.
 *
 * @see OpenID Connect Dynamic Client Registration section 2, RFC 9101 section 10.5
 */
export const signedMembers = {
  authorization_signed_response_alg: kept(
    "authorizationSignedResponseAlg",
    "anyone",
    z.enum(signingAlgorithms).default("RS256"),
  ),
  request_object_signing_alg: converted(
    "requestObjectSigningAlg",
    "anyone",
    z.enum(requestObjectAlgorithms).optional(),
    orNull,
  ),
  require_signed_request_object: kept("requireSignedRequestObject", "anyone", flag(false)),
  request_uris: kept(
    "requestUris",
    "anyone",
    z.array(checked(requestUriProblem)).max(16).default([]),
  ),
};
