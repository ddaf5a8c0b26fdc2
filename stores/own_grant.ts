import type { Packing } from "./engine/packing.ts";
import { type Grant, grantPacking } from "./grants.ts";

/** What such a grant has in common with the token in whose record it is. */
type Shared = Readonly<Partial<Record<"clientId" | "issuedAt" | "expiresAt", unknown>>>;
type OwnName = "clientCreatedAt" | "clientEpoch" | "providerEpoch" | "resourceScopes";

/** How the short list begins; that of a whole grant begins with a number. */
const own = "own";

/**
 * How a token's list holds the grant that a client got for itself: most have but four values of their own.
 * Another grant is the list of all its members, as builds before this one held each.
 *
 * @returns null: it has members that the list would lose
 */
export function packOwnGrant(
  version: number,
  grant: Grant,
  token: Shared,
  key: Deno.KvKey,
): ReturnType<Packing<Grant>["pack"]> {
  if (!isSame(grant, ofClient(token, grant))) return grantPacking.pack(version, grant, key);
  const { clientCreatedAt, clientEpoch, providerEpoch, resourceScopes } = grant;
  return [own, clientCreatedAt, clientEpoch, providerEpoch, resourceScopes];
}

/** The grant of such a list, before it is checked. */
export function unpackOwnGrant(
  packed: readonly unknown[],
  token: Shared,
  key: Deno.KvKey,
): unknown {
  if (packed[0] !== own) return grantPacking.unpack(packed, key);
  const [, clientCreatedAt, clientEpoch, providerEpoch, resourceScopes] = packed;
  return ofClient(token, { clientCreatedAt, clientEpoch, providerEpoch, resourceScopes });
}

function ofClient(
  { clientId, issuedAt, expiresAt }: Shared,
  { clientCreatedAt, clientEpoch, providerEpoch, resourceScopes }: Readonly<
    Record<OwnName, unknown>
  >,
): Readonly<Record<string, unknown>> {
  return {
    clientId,
    clientCreatedAt,
    clientEpoch,
    redirectUri: null,
    userId: null,
    sessionId: null,
    resourceScopes,
    claims: { userinfo: [], idToken: [] },
    refreshable: false,
    sid: null,
    authTime: null,
    amr: [],
    acr: null,
    epoch: null,
    providerEpoch,
    withdrawal: null,
    createdAt: issuedAt,
    expiresAt,
  };
}

/** Whether two values have the same members. What is neither a list nor an object must be identical. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return false;
  }
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
