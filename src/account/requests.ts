import * as auditEvents from "../../stores/audit_events.ts";
import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import * as carriedOutForms from "../../stores/carried_out_forms.ts";
import { isUnchangedClient } from "../../stores/client_identity.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import { type Entry, isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import { ciba } from "../../stores/grant_types.ts";
import * as grants from "../../stores/grants.ts";
import type { Grant } from "../../stores/grants.ts";
import { isWaiting } from "../../stores/polled.ts";
import * as providers from "../../stores/provider.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import { addPing } from "../backchannel/ping.ts";
import { subjectsOf } from "../claims/subject.ts";
import { adminResource } from "../clients/admin_resource.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import type { Deps } from "../deps/deps.ts";
import { aboutDetails, type Grantable, grantableText } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import { requirementOf } from "../interactions/request_requirement.ts";
import { isMeant, possibleNeed } from "../interactions/requirement.ts";
import { sessionIdOf } from "../issuing/live_grant.ts";
import { newGrant } from "../issuing/new_grant.ts";
import {
  type AuthorizationRequestParameters,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import {
  type AccountHolder,
  type AccountRequest,
  accountStep,
  SignInNeeded,
} from "./account_step.ts";

/** A request of a client that waits for the user. */
export interface WaitingRequest {
  /** The id of the grant that it may lead to. */
  readonly id: string;
  readonly client: Client;
  readonly bindingMessage: string | null;
  readonly grantable: Grantable;
  readonly parameters: AuthorizationRequestParameters;
  readonly record: Present<BackchannelRequest>;
}

/** Requests that one page shows: more than a user could look at. */
const most = 20;

/**
 * The requests that wait for the user, the oldest first. They sign somebody in elsewhere, so the user's own
 * sign-in must be recent.
 *
 * @throws {SignInNeeded}
 */
export async function listRequests(
  deps: Deps,
  request: AccountRequest,
): Promise<{ readonly holder: AccountHolder; readonly requests: readonly WaitingRequest[] }> {
  const holder = await accountStep(deps, request, { recent: true }, (_, holder) => holder);
  const requests: WaitingRequest[] = [];
  for await (const { value, ref } of eachEntry(deps, backchannelRequests.byUser, holder.userId)) {
    if (requests.length === most) break;
    const id = String(ref.key[2]);
    const found = await deps.kv.step(
      systemOrigin,
      (tx) => readWaiting(deps, tx, holder, { id, digest: value.digest }),
    );
    if (found !== null) requests.push(found);
  }
  return { holder, requests };
}

/**
 * Stores the user's answer, and with it the grant that the client gets and the message that tells it: one
 * commit.
 *
 * @param answer.told what the page showed, in the format of `grantableText`
 * @returns "changed" if what is asked is another thing by now; "gone" if the request has ended or was
 *   answered, unless this session has just allowed it
 * @throws {SignInNeeded}
 */
export async function answerRequest(
  deps: Deps,
  request: AccountRequest,
  { id, decision, told }: {
    readonly id: string;
    readonly decision: "allow" | "deny";
    readonly told: string;
  },
): Promise<"allowed" | "denied" | "changed" | "gone"> {
  const answer = await accountStep(deps, request, { recent: true }, async (tx, holder) => {
    const { entry } = await tx.read({ entry: backchannelRequests.waitingRef(holder.userId, id) });
    if (!isPresent(entry)) {
      const { grant } = await tx.read({ grant: grants.ref(id) });
      return decision === "allow" && isAllowedBy(grant, holder) ? "allowed" : "gone";
    }
    const { digest } = entry.value;
    const waiting = await readWaiting(deps, tx, holder, { id, digest });
    if (waiting === null) return "gone";
    const { client, grantable, parameters, record } = waiting;
    if (decision === "allow" && told !== grantableText(grantable)) return "changed";
    const event = { clientId: client.clientId, user: holder.user, sessionId: holder.id };
    const refusal = decision === "deny" ? "user" : refusalOf(deps, waiting, holder) ??
      await unmetBy(deps, tx, waiting, holder, request.page);
    addPing(tx, record.value);
    if (refusal !== null) {
      backchannelRequests.answer(tx, record, "denied");
      const reason = refusal === "user" ? {} : { reason: refusal };
      auditEvents.append(tx, {
        type: "backchannel_denied",
        outcome: "failure",
        ...reason,
        ...event,
      });
      carriedOutForms.add(tx, "denied");
      return "denied";
    }
    const codeLifetime = record.value.codesExpireAt - tx.now;
    const { provider } = holder;
    const allowed = { client, request: parameters, grantable, live: holder, provider };
    grants.add(tx, id, newGrant(deps, tx, { ...allowed, redirectUri: null, codeLifetime }));
    backchannelRequests.answer(tx, record, "allowed");
    carriedOutForms.add(tx, "allowed");
    const allowing = { ...event, ...aboutDetails(grantable) };
    auditEvents.append(tx, { type: "backchannel_allowed", ...allowing, grantId: id });
    return "allowed";
  });
  deps.pingWakeUp.wake();
  return answer;
}

/** Whether this session has allowed the request: a second click must not read that the request is over. */
function isAllowedBy({ value }: Entry<Grant>, { userId, id }: AccountHolder): boolean {
  return value !== null && value.userId === userId && sessionIdOf(value) === id;
}

/** Why the user may not allow it, whatever they want. */
function refusalOf(
  deps: Deps,
  { client, grantable }: WaitingRequest,
  { user }: AccountHolder,
): string | null {
  if (!mayUse(client, user.value)) return "user_not_in_group";
  const administers = scopeAt(grantable.resourceScopes, adminResource(deps.config)).length > 0;
  return administers && !user.value.administrator ? "user_not_administrator" : null;
}

/**
 * Looks at what the client asks of the sign-in. Whoever has signed in since the request has done so for it.
 *
 * @returns why the user can never meet it; null: they do
 * @throws {SignInNeeded} if another sign-in would meet it
 */
async function unmetBy(
  deps: Deps,
  tx: Transaction,
  { client, parameters, record }: WaitingRequest,
  holder: AccountHolder,
  page: string,
): Promise<string | null> {
  const asked = requirementOf(parameters, client, null, await subjectsOf(deps, client));
  const isSince = holder.session.value.authTime >= record.value.createdAt;
  const requirement = isSince ? { ...asked, maxAge: null } : asked;
  if (!isMeant(requirement, holder.userId)) return "unknown_user_id";
  const need = possibleNeed(requirement, { now: tx.now, live: holder, interaction: null });
  if (need === null) return null;
  if (need === "impossible") return "unmet_authentication_requirements";
  throw need.kind === "step_up"
    ? new SignInNeeded(page, null, need.to)
    : new SignInNeeded(page, requirement.maxAge ?? 0);
}

/** Null: it has ended, was answered, or its client is no longer what it was. */
async function readWaiting(
  deps: Deps,
  tx: Transaction,
  { userId, user, provider }: AccountHolder,
  { id, digest }: { readonly id: string; readonly digest: string },
): Promise<WaitingRequest | null> {
  // The record about the server defines the custom claims and the types of authorization details.
  const { record } = await providers.read(tx, { record: backchannelRequests.refOf(digest) });
  if (!backchannelRequests.isOf(record, userId, user.value.epoch)) return null;
  if (!isWaiting(record, provider, tx.now) || record.value.grantId !== id) return null;
  const { clientId, bindingMessage } = record.value;
  const { client: { value: client } } = await tx.read({ client: clients.ref(clientId) });
  if (client === null || !isUnchangedClient(client, record.value)) return null;
  if (!client.grantTypes.includes(ciba)) return null;
  try {
    const asked = { ...record.value.parameters, response_type: "code" };
    const parameters = parseAuthorizationParameters(asked);
    const { grantable } = await readGrantable(deps, tx, client, parameters);
    return { id, client, bindingMessage, grantable, parameters, record };
  } catch (error) {
    if (error instanceof OAuthError) return null; // what it asks for is not registered any more
    throw error;
  }
}
