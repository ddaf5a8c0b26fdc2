import { decodeJwt } from "jose";
import { z } from "zod";
import * as clientAssertionJtis from "../../../stores/client_assertion_jtis.ts";
import type { ClientKeys } from "../../../stores/client_keys.ts";
import { assertionAlgorithms } from "../../../stores/client_authentication.ts";
import type { Client } from "../../../stores/clients.ts";
import type { Transaction } from "../../../stores/engine/transaction.ts";
import { Unspent, type UsableTime, usableTimeOf } from "../../../stores/used_once.ts";
import { digestNow } from "../../crypto/digest.ts";
import type { MasterKey } from "../../crypto/master_key.ts";
import { OAuthError, type RefusalReason } from "../../protocol/errors.ts";
import { allowedAlgorithms, assertionAudiences } from "../profile.ts";
import { verifiedJwt, WrongAssertion } from "./assertion_signature.ts";
import { assertLength, challenge, failed } from "./failed.ts";
import { tellRight } from "./told_right.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A JWT by which a client says who it is; nothing of it is checked yet. */
export interface PresentedAssertion {
  readonly method: "client_assertion";
  readonly clientId: string;
  readonly assertion: string;
  readonly jti: string;
  /** Those of the endpoint that it was sent to. */
  readonly urls: readonly string[];
}

/** A JWT by which another issuer says who a workload is; nothing of it is checked yet. */
export interface PresentedWorkload {
  readonly method: "workload_assertion";
  /** From the form, because the JWT names the workload by its issuer's name for it. */
  readonly clientId: string;
  readonly assertion: string;
  readonly issuer: string;
  /** Its `jti`, or the digest of its signed part if it has none. */
  readonly jti: string;
}

/** An assertion whose signature and claims are right; `spendAssertion` spends it. */
export interface VerifiedAssertion {
  /** The maker of the assertion: each maker has its own `jti` values. */
  readonly maker: string;
  readonly jti: string;
  readonly usable: UsableTime;
}

/** Settings, keys and the time for verifying an assertion. */
export interface AssertionContext {
  readonly issuer: string;
  readonly masterKey: MasterKey;
  /** Epoch seconds. */
  readonly now: number;
  /** Those of the client's `jwks_uri`, as far as they are known. */
  readonly fetchedKeys: ClientKeys | null;
}

/** Seconds from now after which an assertion may not expire, because its `jti` is remembered until then. */
const longestLifetime = 600;
/** Seconds by which a client's clock may be wrong. */
const clockTolerance = 30;

/**
 * The assertion in a form.
 *
 * @param sentId the form's `client_id`, which may be left out
 * @param urls of the endpoint
 * @throws {OAuthError} `invalid_request`, `invalid_client`
 * @see RFC 7521 section 4.2, RFC 7523 section 2.2
 */
export function parseAssertion(
  assertion: string | null,
  type: string | null,
  sentId: string | null,
  urls: readonly string[],
): PresentedAssertion | PresentedWorkload {
  if (assertion === null || type === null) {
    throw new OAuthError(
      "invalid_request",
      "client_assertion and client_assertion_type go together",
    );
  }
  if (type !== assertionType) throw malformed(`client_assertion_type must be ${assertionType}`);
  const parsed = presentedSchema.safeParse(payloadOf(assertion));
  if (!parsed.success) throw malformed("client_assertion is not a JWT with iss, sub and jti");
  const { sub, iss, jti } = parsed.data;
  if (iss !== sub) {
    if (sentId === null) {
      throw malformed("iss and sub of client_assertion must be the client_id, or send client_id");
    }
    assertLength(sentId);
    const trace = jti ?? digestNow(signedPart(assertion));
    return {
      method: "workload_assertion",
      clientId: sentId,
      assertion,
      issuer: iss,
      jti: trace,
    };
  }
  if (jti === undefined) throw malformed("client_assertion has no jti");
  if (sentId !== null && sentId !== sub) {
    throw malformed("client_id is not that of client_assertion");
  }
  return { method: "client_assertion", clientId: sub, assertion, jti, urls };
}

/**
 * The signed part of a JWT, which identifies it. The signature can be written in several ways that verify (with
 * spaces, other spare bits, the other value of ECDSA): a JWT that was used would pass for a new one.
 */
function signedPart(jwt: string): string {
  return jwt.slice(0, jwt.lastIndexOf("."));
}

const presentedSchema = z.object({
  sub: z.string().min(1).max(256),
  iss: z.string().max(256),
  jti: z.string().min(1).max(256).optional(),
});

function payloadOf(assertion: string): unknown {
  if (assertion.length > 8192) return null;
  try {
    return decodeJwt(assertion);
  } catch {
    return null;
  }
}

function malformed(description: string): OAuthError {
  return new OAuthError("invalid_client", description, {
    headers: challenge,
    reason: "client_assertion_malformed",
  });
}

const claimsSchema = z.object({
  // One audience: a JWT for several servers could be used by one of them at another.
  aud: z.string(),
  exp: z.number(),
  iat: z.number().optional(),
});

/**
 * Verifies an assertion. The algorithm is the client's registered one, or fits its registered key: the
 * assertion's header never chooses it.
 *
 * @returns why it is refused, if it is
 * @throws {ClientKeysNeeded} if the keys at its `jwks_uri` have to be fetched first
 * @see RFC 7523 section 3, OpenID Connect Core section 9
 */
export async function verifyAssertion(
  client: Client,
  presented: PresentedAssertion,
  context: AssertionContext,
): Promise<VerifiedAssertion | RefusalReason> {
  const { tokenEndpointAuthSigningAlg: alg } = client;
  const method = signingMethod(client);
  if (method === null) return "client_assertion_unexpected";
  const algorithms = allowedAlgorithms(client, alg === null ? assertionAlgorithms[method] : [alg]);
  try {
    const payload = await verifiedJwt(client, presented.assertion, {
      ...context,
      algorithms: [...algorithms],
      clockTolerance,
    });
    tellRight(presented);
    const parsed = claimsSchema.safeParse(payload);
    if (!parsed.success) return "client_assertion_wrong";
    const { aud, ...times } = parsed.data;
    const audiences = assertionAudiences(client, context.issuer, presented.urls);
    if (!audiences.includes(aud)) return "client_assertion_wrong";
    const usable = usableTimeOf(times, { longest: longestLifetime, tolerance: clockTolerance });
    if (usable.from > context.now) return "client_assertion_wrong";
    return { maker: client.clientId, jti: presented.jti, usable };
  } catch (error) {
    if (error instanceof WrongAssertion) return error.reason;
    throw error;
  }
}

/** The client of a document that offers both `none` and a key may sign, too. */
function signingMethod(client: Client): keyof typeof assertionAlgorithms | null {
  const { tokenEndpointAuthMethod: method, document, jwks, jwksUri } = client;
  if (method === "private_key_jwt" || method === "client_secret_jwt") return method;
  const offersBoth = method === "none" && document !== null && (jwks ?? jwksUri) !== null;
  return offersBoth ? "private_key_jwt" : null;
}

/** The trace of an assertion, for the first batch of its step. */
export async function assertionRefs(
  credentials: { readonly method: string } | PresentedAssertion | PresentedWorkload,
) {
  if (!("jti" in credentials)) return [];
  return [await clientAssertionJtis.ref(makerOf(credentials), credentials.jti)];
}

/** A client id has no space, so no client can use up what an issuer of workloads makes. */
export function makerOf(presented: PresentedAssertion | PresentedWorkload): string {
  return "issuer" in presented ? `workload ${presented.issuer}` : presented.clientId;
}

/**
 * Adds the spending of an assertion to the step, so that it pays for one thing.
 *
 * @throws {OAuthError} `invalid_client` if it was used before, or may have been before a restore
 */
export async function spendAssertion(
  tx: Transaction,
  { maker, jti, usable }: VerifiedAssertion,
) {
  const at = await clientAssertionJtis.ref(maker, jti);
  const { used } = await tx.read({ used: at });
  const unspent = Unspent.check(tx, used, usable);
  if (unspent === null) throw failed("client_assertion_used");
  unspent.spend(tx);
}
