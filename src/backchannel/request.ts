import { z } from "zod";
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
import type { Deps } from "../deps/deps.ts";
import { readGrantable } from "../grantable/requested.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { isBlank, shownTextProblem } from "../identifiers/shown_text.ts";
import { requirementOf } from "../interactions/request_requirement.ts";
import { isMeant, leastAcr } from "../interactions/requirement.ts";
import { takeRequestPlace, withUnknownUserLimit } from "../limits/backchannel.ts";
import {
  assertNoDeviceSso,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import { keptParameters, tooLongToKeep } from "../protocol/kept_parameters.ts";
import { parseParameters, type RawParameters } from "../protocol/parameters.ts";
import { requestedKey } from "../tokens/dpop.ts";
import { assertOneHint, hintedUserId, nobodyMeant } from "./hinted_user.ts";
import { mailRequest } from "./mail.ts";
import { sealedPingOf } from "./ping.ts";
import { claimedIn, countedParameters } from "./sent_request.ts";

/** @see CIBA Core section 7.3 */
export interface BackchannelResponse {
  readonly auth_req_id: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** Characters: it has to fit beside what the client shows. */
const longestMessage = 64;
const rules = { grantType: ciba, confidential: true } as const;

const parameters = z.object({
  login_hint: z.string().min(1).max(256).optional(),
  login_hint_token: z.string().optional(),
  id_token_hint: z.string().optional(),
  binding_message: z.string().optional(),
  client_notification_token: z.string().optional(),
  requested_expiry: z.string().regex(/^0*[1-9][0-9]*$/, "must be a positive number of seconds")
    .transform(Number).optional(),
});

/** The parameters that count beside those; everything else is ignored. */
const names = [
  "acr_values",
  "authorization_details",
  "claims",
  "dpop_jkt",
  "resource",
  "scope",
  "ui_locales",
];

/** Those that the client may sign. @see CIBA Core section 7.1 */
const known: ReadonlySet<string> = new Set([
  ...Object.keys(parameters.shape),
  ...names,
  "request",
  "request_uri",
  "user_code",
]);

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
  const response = await withUnknownUserLimit(deps, clientId, () => accept(deps, call, found));
  deps.mailWakeUp.wake();
  return response;
}

/**
 * @param found what was looked up before the step: whom the client means (null: nobody), and the records
 *   that the step will need
 */
async function accept(
  deps: Deps,
  call: Call,
  { userId, prefetch }: {
    readonly userId: string | null;
    readonly prefetch: ReturnType<typeof resourceRefs>;
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
    const { clientId, clientName } = client;
    const { ui_locales: uiLocales } = parsed;
    await mailRequest(deps, tx, { user, clientName, bindingMessage, lifetime, uiLocales });
    const actor = `client:${clientId}`;
    auditEvents.append(tx, { type: "backchannel_requested", clientId, person: user, actor });
    return { auth_req_id: authReqId, expires_in: lifetime, interval: firstInterval };
  });
}

/** Reads the request by its own rules and by those of an authorization request. @throws {OAuthError} */
function parseRequest({ config }: Deps, form: RawParameters) {
  const sent = parseParameters(parameters, form);
  assertOneHint(sent);
  const bindingMessage = sent.binding_message ?? null;
  assertShowable(bindingMessage);
  const kept = keptOf(form);
  const tooLong = tooLongToKeep(kept);
  if (tooLong !== null) throw new OAuthError("invalid_request", tooLong);
  const parsed = parseAuthorizationParameters({ ...kept, response_type: "code" });
  assertNoDeviceSso(parsed);
  if (!parsed.scope.includes("openid")) {
    throw new OAuthError("invalid_scope", "scope must contain openid");
  }
  const { backchannelRequest: most } = config.lifetimes;
  const lifetime = Math.min(sent.requested_expiry ?? most, most);
  const { client_notification_token: token } = sent;
  return { kept, parsed, bindingMessage, token, lifetime };
}

/** The hints, if they can be read: the step refuses the others, after it knows who calls. */
function readableHints(form: RawParameters) {
  try {
    return parseParameters(parameters, form);
  } catch (error) {
    if (error instanceof OAuthError) return null;
    throw error;
  }
}

function keptOf(form: RawParameters): Record<string, string | string[]> {
  const entries = Object.entries(form).filter(([name]) => names.includes(name));
  return keptParameters(Object.fromEntries(entries));
}

/** @see CIBA Core sections 7.1 and 13 */
function assertShowable(message: string | null) {
  if (message === null) return;
  const problem = shownTextProblem(message);
  const isWrong = problem !== null || isBlank(message) || message.length > longestMessage;
  if (!isWrong) return;
  throw new OAuthError(
    "invalid_binding_message",
    `binding_message must be printable, and have at most ${longestMessage} characters`,
  );
}
