import { z } from "zod";
import { signingAlgorithms } from "./provider.ts";

/** How the key of an encrypted answer is encrypted. RSA1_5 is left out: its padding can be guessed. */
export const keyEncryptionAlgorithms = [
  "ECDH-ES",
  "ECDH-ES+A128KW",
  "ECDH-ES+A192KW",
  "ECDH-ES+A256KW",
  "RSA-OAEP",
  "RSA-OAEP-256",
] as const;

/** How its content is encrypted. @see RFC 7518 section 5.1 */
export const contentEncryptionAlgorithms = [
  "A128CBC-HS256",
  "A192CBC-HS384",
  "A256CBC-HS512",
  "A128GCM",
  "A256GCM",
] as const;

const keyEncryption = z.enum(keyEncryptionAlgorithms).nullable().default(null);
const contentEncryption = z.enum(contentEncryptionAlgorithms).nullable().default(null);
const signature = z.enum(signingAlgorithms);

/**
 * The members of a client's record about how answers to it are signed and encrypted; null: they are not.
 * Without an algorithm for the content it is A128CBC-HS256.
 */
export const signedAnswers = {
  authorizationSignedResponseAlg: signature.default("RS256"),
  authorizationEncryptedResponseAlg: keyEncryption,
  authorizationEncryptedResponseEnc: contentEncryption,
  idTokenEncryptedResponseAlg: keyEncryption,
  idTokenEncryptedResponseEnc: contentEncryption,
  /** Null: userinfo answers with JSON. */
  userinfoSignedResponseAlg: signature.nullable().default(null),
  userinfoEncryptedResponseAlg: keyEncryption,
  userinfoEncryptedResponseEnc: contentEncryption,
  /** Of introspection, for a client that asks for a JWT. @see RFC 9701 section 6 */
  introspectionSignedResponseAlg: signature.default("RS256"),
  introspectionEncryptedResponseAlg: keyEncryption,
  introspectionEncryptedResponseEnc: contentEncryption,
};

/** What a client may sign its request objects with; `none` only if it is registered. @see RFC 9101 section 10.1 */
export const requestObjectAlgorithms = ["none", ...signingAlgorithms] as const;

/** How the key of an encrypted request object is encrypted. RSA-OAEP is left out: it hashes with SHA-1. */
export const requestEncryptionAlgorithms = [
  "ECDH-ES",
  "ECDH-ES+A128KW",
  "ECDH-ES+A192KW",
  "ECDH-ES+A256KW",
  "RSA-OAEP-256",
] as const;

/** The members of a client's record about its request objects. */
export const requestObjects = {
  /** Null: any algorithm that fits the client's key, and never `none`. */
  requestObjectSigningAlg: z.enum(requestObjectAlgorithms).nullable().default(null),
  /** Null: it does not encrypt them. Otherwise it must. */
  requestObjectEncryptionAlg: z.enum(requestEncryptionAlgorithms).nullable().default(null),
  /** Null: A128CBC-HS256. */
  requestObjectEncryptionEnc: contentEncryption,
  /** @see RFC 9101 section 10.5 */
  requireSignedRequestObject: z.boolean().default(false),
  /** URLs from which its request objects may be fetched. */
  requestUris: z.array(z.string()).default([]),
};
