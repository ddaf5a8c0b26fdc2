import { z } from "zod";
import type { Entry, Present } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import * as families from "../../stores/refresh_token_families.ts";
import * as grants from "../../stores/grants.ts";
import { scopeNames } from "../../stores/resource_scopes.ts";
import * as resources from "../../stores/resources.ts";
import type { Derivation } from "../../stores/engine/derived.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { User } from "../../stores/users.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { noteClient, noteRefusal } from "../protocol/refusals.ts";
import { clientStep } from "../callers/client_step.ts";
import { type ClientRequest, preparedCall, readCaller, spendProofs } from "../callers/caller.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import { detailsOf, grantedRefs, readHeld, registeredPart } from "../grantable/audience.ts";
import { readPerson } from "../issuing/person.ts";
import { subjectOf } from "../claims/subject.ts";
import { tokenTypeOf } from "../tokens/confirmation.ts";
import { accessTokenAddress, actorClaims } from "../tokens/access_token.ts";
import {
  accessTokenRefs,
  isEmptied,
  type LiveAccessToken,
  liveAccessToken,
} from "../issuing/live_access_token.ts";
import { parseRefreshToken } from "../tokens/refresh_token.ts";

const parameters = z.object({ token: z.string("is missing") });
const inactive = { active: false } as const;

/** @see RFC 7662 section 2.2 */
export type Introspection = typeof inactive | ({ readonly active: true } & Record<string, unknown>);

/** The same as a JWT. @see RFC 9701 section 5 */
export interface SignedIntrospection {
  readonly jwt: string;
}

/**
 * Tells a client about its own token, or a token for a resource that names the client. Every other
 * token is `active: false`, whatever the reason.
 *
 * @param options `asJwt`: the caller wants a signed answer
 * @throws {OAuthError} `invalid_client`, also for public clients
 * @see RFC 7662 section 2, RFC 9701 section 4
 */
export async function introspect(
  deps: Deps,
  request: ClientRequest,
  { asJwt }: { readonly asJwt: boolean },
): Promise<Introspection | SignedIntrospection> {
  const { token } = parseParameters(parameters, request.form);
  const address = accessTokenAddress(token);
  const refreshToken = address ? null : await parseRefreshToken(deps.masterKey, token);
  const call = await preparedCall(deps, request);
  return await clientStep(deps, call, async (tx) => {
    noteRefusal(null); // of a run before this one
    const { caller, provider, ...first } = await readCaller(deps, tx, call, {
      ...accessTokenRefs(address),
      family: refreshToken && families.ref(refreshToken.grantId),
      familyGrant: refreshToken && grants.ref(refreshToken.grantId),
    }, { confidential: true });
    const { client } = caller;
    await spendProofs(tx, caller);
    const introspection = refreshToken
      ? await introspectRefreshToken(deps, tx, client, provider, {
        generation: refreshToken.generation,
        family: first.family,
        grant: first.familyGrant,
      })
      : await tx.derive(
        activeIntrospection,
        `${client.clientId} ${address?.digest}`,
        () => introspectAccessToken(deps, tx, client, { ...first, provider }),
      );
    if (!asJwt) return introspection;
    const { signedIntrospection } = await import("./signed_introspection.ts"); // few clients ask
    return { jwt: await signedIntrospection(deps, tx, { client, provider, introspection }) };
  });
}

/** Of an access token, for a client. Of another token the log must have the reason each time. */
const activeIntrospection: Derivation<Introspection> = {
  kind: "introspection",
  isKept: ({ active }) => active,
};

async function introspectAccessToken(
  deps: Deps,
  tx: Transaction,
  client: AuthenticatedClient,
  first: Parameters<typeof liveAccessToken>[2],
): Promise<Introspection> {
  const live = await liveAccessToken(deps, tx, first);
  if (live === null) return inactiveFor(client, "access_token_unknown");
  if (!await maySee(tx, client, live)) return inactiveFor(client, "introspection_not_allowed");
  const { token } = live;
  // Few tokens have authorization details. Those that are left may be all that is left of the token.
  const details = token.details === undefined
    ? []
    : await readHeld(tx, live.client, token.details, {});
  if (isEmptied(live, details)) return inactiveFor(client, "access_token_unknown");
  const metadata = accessTokenMetadata(deps, live);
  return details.length === 0 ? metadata : { ...metadata, ...detailsOf({ details }) };
}

/** The caller learns nothing but `active: false`; the log has the reason. */
function inactiveFor(caller: AuthenticatedClient, reason: RefusalReason): Introspection {
  noteRefusal(reason);
  noteClient(caller.clientId); // and not the client of the token
  return inactive;
}

async function maySee(
  tx: Transaction,
  caller: AuthenticatedClient,
  { token }: LiveAccessToken,
): Promise<boolean> {
  if (token.clientId === caller.clientId) return true;
  const named = await tx.peek(
    Object.fromEntries(token.resources.map((name) => [name, resources.ref(name)])),
    "registration",
  );
  return Object.values(named).some((resource) =>
    resource.value?.introspectionClients.includes(caller.clientId)
  );
}

function accessTokenMetadata(
  deps: Deps,
  { token, scope, user, grant, client }: LiveAccessToken,
): Introspection {
  const { authTime, acr, amr } = grant.value;
  const { resources: audience } = token;
  return {
    active: true,
    scope: scope.join(" "),
    client_id: token.clientId,
    ...usernameFor(user, scope),
    token_type: tokenTypeOf(token.confirmation),
    ...(token.confirmation && { cnf: token.confirmation }),
    exp: token.expiresAt,
    iat: token.issuedAt,
    nbf: token.issuedAt,
    sub: token.subject,
    aud: audience.length === 0
      ? deps.config.issuer
      : audience.length === 1
      ? audience[0]
      : audience,
    iss: deps.config.issuer,
    jti: token.jti,
    ...actorClaims(token.exchange, client),
    // A resource needs these for step-up authentication (RFC 9470 section 6.2).
    ...(authTime === null ? {} : { auth_time: authTime, acr, amr }),
  };
}

/**
 * The username is a claim like any other. It is often a mail address, so only a client that was granted
 * it gets it.
 */
function usernameFor(user: Present<User> | null, scope: readonly string[]) {
  return user !== null && scope.includes("profile") ? { username: user.value.username } : {};
}

async function introspectRefreshToken(
  deps: Deps,
  tx: Transaction,
  caller: AuthenticatedClient,
  provider: Provider,
  { generation, family, grant }: {
    readonly generation: number;
    readonly family: Entry<families.RefreshTokenFamily> | null;
    readonly grant: Entry<grants.Grant> | null;
  },
): Promise<Introspection> {
  if (!family || !grant || family.value === null || grant.value === null) {
    return inactiveFor(caller, "refresh_token_unknown");
  }
  if (family.value.clientId !== caller.clientId) {
    return inactiveFor(caller, "introspection_not_allowed");
  }
  if (family.value.generation !== generation) return inactiveFor(caller, "refresh_token_unknown");
  const along = grantedRefs([], grant.value);
  const person = await readPerson(tx, caller, grant, provider, along);
  if (person === null) return inactiveFor(caller, "grant_ended");
  const { resourceScopes, details } = await registeredPart(deps, tx, caller, grant.value);
  const scope = scopeNames(resourceScopes);
  if (scope.length === 0 && details.length === 0) return inactiveFor(caller, "grant_ended");
  return {
    active: true,
    scope: scope.join(" "),
    ...detailsOf({ details }),
    client_id: caller.clientId,
    ...usernameFor(person, scope),
    exp: family.value.expiresAt,
    iat: family.value.createdAt,
    sub: await subjectOf(deps, caller, grant.value.userId ?? ""),
    iss: deps.config.issuer,
  };
}
