import { z } from "zod";
import {
  contentEncryptionAlgorithms,
  keyEncryptionAlgorithms,
  requestEncryptionAlgorithms,
  requestObjectAlgorithms,
} from "../../stores/signed_messages.ts";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import { checked, converted, flag, kept, orNull } from "./member.ts";
import { requestUriProblem } from "./request_uri.ts";

const keyAlgorithm = z.enum(keyEncryptionAlgorithms).optional();
const signatureAlgorithm = z.enum(usable(signingAlgorithms));
const contentAlgorithm = z.enum(contentEncryptionAlgorithms).optional();

/**
 * The members about what a client signs or wants signed, as src/clients/members.ts has the others.
 *
 * @see OpenID Connect Dynamic Client Registration section 2, RFC 9101 section 10.5
 */
export const signedMembers = {
  authorization_signed_response_alg: kept(
    "authorizationSignedResponseAlg",
    "anyone",
    signatureAlgorithm.default("RS256"),
  ),
  authorization_encrypted_response_alg: converted(
    "authorizationEncryptedResponseAlg",
    "anyone",
    keyAlgorithm,
    orNull,
  ),
  authorization_encrypted_response_enc: converted(
    "authorizationEncryptedResponseEnc",
    "anyone",
    contentAlgorithm,
    orNull,
  ),
  id_token_encrypted_response_alg: converted(
    "idTokenEncryptedResponseAlg",
    "anyone",
    keyAlgorithm,
    orNull,
  ),
  id_token_encrypted_response_enc: converted(
    "idTokenEncryptedResponseEnc",
    "anyone",
    contentAlgorithm,
    orNull,
  ),
  userinfo_signed_response_alg: converted(
    "userinfoSignedResponseAlg",
    "anyone",
    signatureAlgorithm.optional(),
    orNull,
  ),
  userinfo_encrypted_response_alg: converted(
    "userinfoEncryptedResponseAlg",
    "anyone",
    keyAlgorithm,
    orNull,
  ),
  userinfo_encrypted_response_enc: converted(
    "userinfoEncryptedResponseEnc",
    "anyone",
    contentAlgorithm,
    orNull,
  ),
  introspection_signed_response_alg: kept(
    "introspectionSignedResponseAlg",
    "anyone",
    signatureAlgorithm.default("RS256"),
  ),
  introspection_encrypted_response_alg: converted(
    "introspectionEncryptedResponseAlg",
    "anyone",
    keyAlgorithm,
    orNull,
  ),
  introspection_encrypted_response_enc: converted(
    "introspectionEncryptedResponseEnc",
    "anyone",
    contentAlgorithm,
    orNull,
  ),
  request_object_signing_alg: converted(
    "requestObjectSigningAlg",
    "anyone",
    z.enum(usable(requestObjectAlgorithms)).optional(),
    orNull,
  ),
  request_object_encryption_alg: converted(
    "requestObjectEncryptionAlg",
    "anyone",
    z.enum(requestEncryptionAlgorithms).optional(),
    orNull,
  ),
  request_object_encryption_enc: converted(
    "requestObjectEncryptionEnc",
    "anyone",
    contentAlgorithm,
    orNull,
  ),
  require_signed_request_object: kept("requireSignedRequestObject", "anyone", flag(false)),
  request_uris: kept(
    "requestUris",
    "anyone",
    z.array(checked(requestUriProblem)).max(16).default([]),
  ),
};
