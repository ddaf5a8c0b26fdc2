import { scopeAt } from "../../stores/resource_scopes.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as passkeys from "../../stores/passkeys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { Deps } from "../deps/deps.ts";
import type { AccountHolder, AccountRequest } from "./account_step.ts";
import { eventsOf } from "./activity.ts";
import { applicationsOf } from "./applications.ts";
import { liveSessions } from "./own_sessions.ts";
import { sensitiveStep } from "./sensitive_step.ts";

/**
 * Everything that is stored about a user, for download. Secrets and proofs are not included, so that a
 * lost file gives no access.
 *
 * @throws {SignInNeeded} unless the sign-in was at most 5 minutes ago
 */
export async function exportAccount(
  deps: Deps,
  request: AccountRequest,
): Promise<Record<string, unknown>> {
  const holder = await sensitiveStep(deps, request, (tx, holder) => {
    auditEvents.append(tx, {
      type: "account_exported",
      user: holder.user,
      sessionId: holder.id,
    });
    return holder;
  });
  const { userId, user: { value: user } } = holder;
  return {
    issuer: deps.config.issuer,
    exported_at: timeOf(deps.clock.seconds()),
    account: {
      id: userId,
      username: user.username,
      status: user.status,
      administrator: user.administrator,
      created_at: timeOf(user.createdAt),
      updated_at: timeOf(user.updatedAt),
    },
    profile: user.claims,
    custom_claims: user.customClaims,
    groups: user.groups,
    sign_in: {
      password: user.passwordHash !== null,
      passkeys: await passkeysOf(deps, holder),
      authenticator_app: user.totp && { created_at: timeOf(user.totp.createdAt) },
      recovery_codes: user.recoveryCodes &&
        {
          left: user.recoveryCodes.digests.length,
          created_at: timeOf(user.recoveryCodes.createdAt),
        },
    },
    sessions: await sessionsOf(deps, holder),
    applications: await applications(deps, holder),
    activity: await activityOf(deps, holder),
  };
}

async function passkeysOf(deps: Deps, { user }: AccountHolder) {
  const refs = user.value.passkeys.map(passkeys.ref);
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  return found.filter(isPresent).map(({ value }) => ({
    name: value.name,
    aaguid: value.aaguid,
    transports: value.transports,
    backed_up: value.backedUp,
    created_at: timeOf(value.createdAt),
    last_used_at: value.lastUsedAt === null ? null : timeOf(value.lastUsedAt),
  }));
}

async function sessionsOf(deps: Deps, holder: AccountHolder) {
  return (await liveSessions(deps, holder)).map(({ value }) => ({
    signed_in_at: timeOf(value.authTime),
    amr: value.amr,
    acr: value.acr,
    address: value.address,
    user_agent: value.userAgent,
    created_at: timeOf(value.createdAt),
    last_seen_at: timeOf(value.lastSeenAt),
    expires_at: timeOf(value.expiresAt),
  }));
}

async function applications(deps: Deps, holder: AccountHolder) {
  return (await applicationsOf(deps, holder)).map((one) => ({
    client_id: one.client.clientId,
    client_name: one.client.clientName,
    scope: scopeAt(one.resourceScopes, null),
    resources: one.resourceScopes.filter(({ resource }) => resource !== null),
    claims: one.claims,
    authorization_details: one.details,
    since: timeOf(one.since),
    last_used_at: one.lastUsedAt === null ? null : timeOf(one.lastUsedAt),
    offline_access: one.offline,
  }));
}

async function activityOf(deps: Deps, { userId, user }: AccountHolder) {
  const events = [];
  for await (const { event } of eventsOf(deps, userId)) {
    const { type, time, outcome, reason, clientId, actor } = event.value;
    const isOwn = actor === `person:${userId}` || actor === "anonymous";
    events.push({
      type,
      time: new Date(time).toISOString(),
      outcome,
      reason,
      client_id: clientId,
      address: isOwn ? auditEvents.addressOf(event, user.value) : null,
    });
  }
  return events;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
