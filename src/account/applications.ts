import {
  type AuthorizationDetail,
  unionOfDetails,
} from "../../stores/authorization_detail_types.ts";
import type { Client } from "../../stores/clients.ts";
import * as clients from "../../stores/clients.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import * as consents from "../../stores/consents.ts";
import type { Consent } from "../../stores/consents.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import { type ResourceScope, union } from "../../stores/resource_scopes.ts";
import * as sessions from "../../stores/sessions.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import { namesAboutUser } from "../claims/claims.ts";
import { liveGrant } from "../issuing/live_grant.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";

/** An application that has access, or would get it without a consent page. */
export interface Application {
  readonly client: Client;
  readonly resourceScopes: readonly ResourceScope[];
  /** Names of the claims that it may see without the scopes that tell them. */
  readonly claims: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  /** Epoch seconds of the consent, or without one of the oldest access that still exists. */
  readonly since: number;
  /**
   * Epoch seconds of the newest known sign-in to it or exchange of a refresh token; null: none is
   * known. Later uses of an access token are not recorded.
   */
  readonly lastUsedAt: number | null;
  /** Whether it has offline access. */
  readonly offline: boolean;
}

/** @throws {SignInNeeded} */
export async function listApplications(
  deps: Deps,
  request: AccountRequest,
): Promise<{ readonly holder: AccountHolder; readonly applications: readonly Application[] }> {
  const holder = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  return { holder, applications: await applicationsOf(deps, holder) };
}

/** What a user has allowed, the last used first. */
export async function applicationsOf(deps: Deps, holder: AccountHolder): Promise<Application[]> {
  const [allowed, live] = await Promise.all([
    consentsOf(deps, holder.userId),
    liveGrants(deps, holder),
  ]);
  const byClient = Map.groupBy(live, ({ grant }) => grant.value.clientId);
  const clientIds = [...new Set([...allowed.keys(), ...byClient.keys()])];
  const found = await deps.kv.step(
    systemOrigin,
    (tx) => inBatches(tx, clientIds.map(clients.ref)),
  );
  const applications = found.filter(isPresent).flatMap(({ value: client }) => {
    const consent = consents.consentTo(client, allowed.get(client.clientId) ?? null);
    const given = byClient.get(client.clientId) ?? [];
    return consent === null && given.length === 0 ? [] : [application(client, consent, given)];
  });
  return applications.sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
}

interface UsedGrant {
  readonly grant: Present<Grant>;
  readonly lastUsedAt: number;
}

function application(
  client: Client,
  consent: Consent | null,
  live: readonly UsedGrant[],
): Application {
  const values = live.map(({ grant }) => grant.value);
  const used = live.map(({ lastUsedAt }) => lastUsedAt);
  return {
    client,
    resourceScopes: union(
      consent?.resourceScopes ?? [],
      values.flatMap(({ resourceScopes }) => resourceScopes),
    ),
    claims: distinct([
      ...consent?.claims ?? [],
      ...values.flatMap(({ claims }) => namesAboutUser(claims)),
    ]),
    details: unionOfDetails(
      consent?.details ?? [],
      values.flatMap(({ details }) => details ?? []),
    ),
    since: consent?.createdAt ?? Math.min(...values.map(({ createdAt }) => createdAt)),
    lastUsedAt: used.length === 0 ? null : Math.max(...used),
    offline: values.some(({ sessionId }) => sessionId === null),
  };
}

function distinct<T>(names: readonly T[]): T[] {
  return [...new Set(names)];
}

async function consentsOf(deps: Deps, userId: string): Promise<Map<string, Present<Consent>>> {
  const found = new Map<string, Present<Consent>>();
  for await (const consent of eachEntry(deps, consents.all, userId)) {
    found.set(String(consent.ref.key[2]), consent);
  }
  return found;
}

/** The grants that are still valid, by the same checks as at the use of a token. */
async function liveGrants(deps: Deps, { userId, user, provider }: AccountHolder) {
  const ids: string[] = [];
  for await (const { ref } of eachEntry(deps, grants.byUser, userId)) ids.push(String(ref.key[2]));
  return await deps.kv.step(systemOrigin, async (tx): Promise<UsedGrant[]> => {
    const found = (await inBatches(tx, ids.map(grants.ref))).filter(isPresent);
    const clientIds = distinct(found.map(({ value }) => value.clientId));
    const sessionIds = distinct(found.flatMap(({ value }) => value.sessionId ?? []));
    const [ofClients, ofSessions, families] = await Promise.all([
      inBatches(tx, clientIds.map(clients.ref)),
      inBatches(tx, sessionIds.map(sessions.ref)),
      inBatches(tx, found.map((grant) => refreshTokenFamilies.ref(grants.idOf(grant)))),
    ]);
    return found.flatMap((grant, n) => {
      const { clientId, sessionId, createdAt } = grant.value;
      const client = ofClients[clientIds.indexOf(clientId)] ?? null;
      const session = sessionId === null ? null : ofSessions[sessionIds.indexOf(sessionId)] ?? null;
      if (liveGrant({ config: deps.config, grant, client, user, session, provider }) === null) {
        return [];
      }
      return { grant, lastUsedAt: families[n]?.value?.lastUsedAt ?? createdAt };
    });
  });
}
