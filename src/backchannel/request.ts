import * as auditEvents from "../../stores/audit_events.ts";
import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { ciba } from "../../stores/grant_types.ts";
import { firstInterval, newPolled } from "../../stores/polled.ts";
import * as users from "../../stores/users.ts";
import {
  type Call,
  type ClientRequest,
  preparedCall,
  readCaller,
  spendProofs,
} from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import { subjectsOf } from "../claims/subject.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import { assertNamesResource } from "../clients/profile.ts";
import { nameForMails } from "../clients/registered_by.ts";
import type { Deps } from "../deps/deps.ts";
import { readGrantable } from "../grantable/requested.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { requirementOf } from "../interactions/request_requirement.ts";
import { isMeant, leastAcr } from "../interactions/requirement.ts";
import { takeRequestPlace, withUnknownUserLimit } from "../limits/backchannel.ts";
import { requestedKey } from "../tokens/dpop.ts";
import { hintedUserId, nobodyMeant } from "./hinted_user.ts";
import { mailRequest } from "./mail.ts";
import { sealedPingOf } from "./ping.ts";
import { known, parseRequest, readableHints } from "./request_parameters.ts";
import { claimedIn, countedParameters } from "./sent_request.ts";

/** @see CIBA Core section 7.3 */
export interface BackchannelResponse {
  readonly auth_req_id: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

const rules = { grantType: ciba, confidential: true } as const;

/**
 * Accepts a client's request to authenticate a user who is not in front of it. The user finds it in their
 * account, and gets a mail. Whoever cannot be meant (unknown, suspended, or in no group that may use the
 * client) gets the client one answer, `unknown_user_id`, which the specification asks for; these answers
 * are limited, so that a client cannot look through a list of names.
 *
 * @throws {OAuthError}
 * @see CIBA Core sections 7.1 and 13
 */
export async function requestBackchannelAuthentication(
  deps: Deps,
  request: ClientRequest,
): Promise<BackchannelResponse> {
  const call = await preparedCall(deps, request);
  const { clientId } = call.credentials;
  const claimed = await claimedIn(call, known);
  const hints = readableHints(claimed);
  const userId = hints === null ? null : await hintedUserId(deps, clientId, hints);
  const found = { userId, prefetch: resourceRefs(claimed) };
  const response = await withUnknownUserLimit(deps, clientId, {
    // It reads, and spends nothing.
    authenticate: () =>
      clientStep(deps, call, async (tx) => void await readCaller(deps, tx, call, {}, rules)),
    work: (userIsKnown) => accept(deps, call, { ...found, userIsKnown }),
  });
  deps.mailWakeUp.wake();
  return response;
}

/**
 * @param found what was looked up before the step: whom the client means (null: nobody), and the records
 *   that the step will need; and what to call once the user is known
 */
async function accept(
  deps: Deps,
  call: Call,
  { userId, prefetch, userIsKnown }: {
    readonly userId: string | null;
    readonly prefetch: ReturnType<typeof resourceRefs>;
    readonly userIsKnown: () => void;
  },
): Promise<BackchannelResponse> {
  return await clientStep(deps, call, async (tx) => {
    const refs = { user: users.ref(userId ?? "nobody") };
    const read = await readCaller(deps, tx, call, refs, { ...rules, prefetch });
    const { caller, provider, user } = read;
    const { client } = caller;
    const { parameters: sent, object } = await countedParameters(deps, tx, client, {
      form: call.form,
      known,
    });
    const { kept, parsed, bindingMessage, token, lifetime } = parseRequest(deps, sent);
    assertNamesResource(client, parsed.resource);
    const requirement = requirementOf(parsed, client, null, await subjectsOf(deps, client));
    leastAcr(requirement); // refuses an essential one that is unknown here
    await readGrantable(deps, tx, client, parsed);
    const jkt = requestedKey(call.proof, parsed.dpop_jkt);
    const isUsable = isPresent(user) && user.value.status === "active" &&
      mayUse(client, user.value);
    // A requested sub of somebody else too: a client must not learn whose a name is.
    if (!isUsable || !isMeant(requirement, users.idOf(user))) {
      throw nobodyMeant(user);
    }
    userIsKnown();
    const asked = {
      client,
      provider,
      jkt,
      lifetime,
      parameters: kept,
      nonce: null,
      codeChallenge: null,
    };
    const { secret: authReqId, unanswered } = newPolled(tx, asked);
    const { grantId } = unanswered;
    const sealedPing = await sealedPingOf(deps, client, { grantId, authReqId, token });
    await takeRequestPlace(deps, tx, users.idOf(user));
    await spendProofs(tx, caller);
    object?.spend(tx);

    backchannelRequests.add(tx, backchannelRequests.ref(authReqId), {
      ...unanswered,
      userId: users.idOf(user),
      userEpoch: user.value.epoch,
      bindingMessage,
      sealedPing,
      createdAt: tx.now,
    });
    const { clientId } = client;
    const { ui_locales: uiLocales } = parsed;
    await mailRequest(deps, tx, {
      user,
      clientName: nameForMails(client),
      bindingMessage,
      lifetime,
      uiLocales,
    });
    const actor = `client:${clientId}`;
    auditEvents.append(tx, { type: "backchannel_requested", clientId, user, actor });
    return { auth_req_id: authReqId, expires_in: lifetime, interval: firstInterval };
  });
}
