import { z } from "zod";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import type { Entry } from "../../stores/engine/collection.ts";
import type { Provider } from "../../stores/provider.ts";
import * as families from "../../stores/refresh_token_families.ts";
import * as grants from "../../stores/grants.ts";
import { scopeNames } from "../../stores/resource_scopes.ts";
import * as resources from "../../stores/resources.ts";
import type { Derivation } from "../../stores/engine/derived.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { RefusalReason } from "../protocol/errors.ts";
import { parseParameters } from "../protocol/parameters.ts";
import { noteClient, noteRefusal } from "../protocol/refusals.ts";
import { clientStep } from "../callers/client_step.ts";
import { type ClientRequest, preparedCall, readCaller, spendProofs } from "../callers/caller.ts";
import { authenticateBySecret, type AuthenticatedClient } from "../clients/authenticate.ts";
import { isBySecret } from "../clients/methods/client_secret.ts";
import type { Deps } from "../deps/deps.ts";
import { detailsOf, grantedRefs, readHeld, registeredPart } from "../grantable/audience.ts";
import { readGrantUser } from "../issuing/grant_user.ts";
import { subjectOf } from "../claims/subject.ts";
import { type AccessTokenAddress, accessTokenAddress } from "../tokens/access_token.ts";
import {
  accessTokenRefs,
  isEmptied,
  type LiveAccessToken,
  liveAccessToken,
} from "../issuing/live_access_token.ts";
import { parseRefreshToken } from "../tokens/refresh_token.ts";
import {
  accessTokenMetadata,
  inactive,
  type Introspection,
  type IntrospectionAnswer,
  usernameFor,
} from "./introspection_answer.ts";

const parameters = z.object({ token: z.string("is missing") });

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
): Promise<IntrospectionAnswer> {
  const { token } = parseParameters(parameters, request.form);
  const address = accessTokenAddress(token);
  const known = asJwt ? null : rememberedAnswer(deps, request, address);
  if (known !== null) return known;
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
      : await introspectAccessToken(deps, tx, client, { ...first, provider });
    if (asJwt) {
      const { signedIntrospection } = await import("./signed_introspection.ts"); // few clients ask
      return { jwt: await signedIntrospection(deps, tx, { client, provider, introspection }) };
    }
    const answer = { json: JSON.stringify(introspection) };
    // An inactive token is looked up each time, so that the log has the reason.
    if (address !== null && introspection.active && isBySecret(call.credentials)) {
      tx.remember(activeIntrospection, idOfAnswer(client, address), answer);
    }
    return answer;
  });
}

/** Of an access token, for a client with a secret. */
const activeIntrospection: Derivation<IntrospectionAnswer> = { kind: "introspection" };

function idOfAnswer({ clientId }: Pick<Client, "clientId">, { digest }: AccessTokenAddress) {
  return `${clientId} ${digest}`;
}

/**
 * The answer to a client with a secret that asks again, without a step. Null: a step finds it.
 *
 * @throws {OAuthError} `invalid_client`
 */
function rememberedAnswer(
  { kv, clock }: Deps,
  { credentials, certificate }: ClientRequest,
  address: AccessTokenAddress | null,
): IntrospectionAnswer | null {
  // A certificate has an end, and only a step looks at it.
  if (address === null || certificate !== null || !isBySecret(credentials)) return null;
  const known = kv.derived(activeIntrospection, idOfAnswer(credentials, address));
  if (known === null) return null;
  // All else that `readCaller` asks of a client follows from its record, as the answer does.
  const [client] = kv.glance([clients.ref(credentials.clientId)]) ?? [];
  if (client === undefined) return null;
  authenticateBySecret(client, credentials, { now: clock.seconds() });
  return known;
}

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
  const prefetch = grantedRefs([], grant.value);
  const user = await readGrantUser(deps, tx, caller, grant, provider, prefetch);
  if (user === null) return inactiveFor(caller, "grant_ended");
  const { resourceScopes, details } = await registeredPart(deps, tx, caller, grant.value);
  const scope = scopeNames(resourceScopes);
  if (scope.length === 0 && details.length === 0) return inactiveFor(caller, "grant_ended");
  return {
    active: true,
    scope: scope.join(" "),
    ...detailsOf({ details }),
    client_id: caller.clientId,
    ...usernameFor(user, scope),
    exp: family.value.expiresAt,
    iat: family.value.createdAt,
    sub: await subjectOf(deps, caller, grant.value.userId ?? ""),
    iss: deps.config.issuer,
  };
}
