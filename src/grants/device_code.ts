import { z } from "zod";
import * as accessTokens from "../../stores/access_tokens.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import type { DeviceAuthorization } from "../../stores/device_authorizations.ts";
import { type Entry, type Fresh, isFresh, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import { type Call, type Caller, readCaller } from "../callers/caller.ts";
import { renewRegistration, spendProofs } from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import type { AuthenticatedClient } from "../clients/authenticate.ts";
import type { Deps } from "../deps/deps.ts";
import { grantedRefs, readGranted } from "../grantable/audience.ts";
import { deviceGrantType } from "../interactions/device_request.ts";
import { addFamily, issueTokens } from "../issuing/issue_tokens.ts";
import { toldSession } from "../issuing/live_grant.ts";
import { readPerson } from "../issuing/person.ts";
import { assertSender } from "../issuing/sender_constraint.ts";
import { noteSessionClient } from "../issuing/session_client.ts";
import type { TokenResponse } from "../issuing/token_response.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { assertResourceIndicator, parseParameters } from "../protocol/parameters.ts";
import { resourceParameter } from "./request_parameters.ts";

const parameters = z.object({
  device_code: z.string("is missing").max(256),
  resource: resourceParameter,
});
const rules = { grantType: deviceGrantType } as const;

/**
 * Answers the poll of a device: with tokens, once, when its user has allowed it.
 *
 * @throws {OAuthError} `authorization_pending`, `slow_down`, `access_denied`, `expired_token`;
 *   `invalid_grant` if the code is unknown, another client's or spent. A replay that passes every binding
 *   check ends the grant.
 * @see RFC 8628 sections 3.4 and 3.5
 */
export async function exchangeDeviceCode(deps: Deps, call: Call): Promise<TokenResponse> {
  const params = parseParameters(parameters, call.form);
  params.resource.forEach(assertResourceIndicator);
  const [grantId = ""] = params.device_code.split(".");
  return await clientStep(deps, call, async (tx) => {
    const { caller, grant, device, provider } = await readCaller(deps, tx, call, rules, {
      grant: grants.ref(grantId), // a device code contains the id of its grant: one batch
      device: deviceAuthorizations.ref(params.device_code),
    });
    const { client } = caller;
    const bound = assertBindings(device, client, { grantId, provider });
    assertSender(caller, bound.value.confirmation);
    const { answer, spentBy, codesExpireAt } = bound.value;
    if (spentBy === null && tx.now >= codesExpireAt) {
      throw new OAuthError("expired_token", "device_code has expired: start again");
    }
    if (answer === null) return await notYet(tx, caller, bound);
    if (answer === "denied") throw new OAuthError("access_denied", "the user did not allow it");

    // The second batch: the user, the grant's session and its resources.
    const told = toldSession(client, grant.value);
    const along = [...grantedRefs(params.resource, grant.value), ...told.refs];
    const person = await readPerson(tx, client, grant, provider, along);
    const unspent = spendable(tx, bound);
    if (unspent === null) {
      tx.assertSettled();
      grants.end(tx, grant, "code_replayed", person);
      return tx.refuse(invalidGrant("the device code was used before", "code_used"));
    }
    if (person === null || grant.value === null) {
      throw invalidGrant("what the person allowed has ended", "grant_ended");
    }
    await spendProofs(tx, caller);
    await renewRegistration(deps, tx, caller);
    const { resource } = params;
    const { granted, audience } = await readGranted(deps, tx, client, grant.value, { resource });
    const family = addFamily(deps, tx, grant, caller, bound.value);
    const { response, accessTokenDigest } = await issueTokens(deps, tx, {
      ...caller,
      grant,
      person,
      provider,
      granted,
      audience,
      family,
      nonce: bound.value.nonce,
    });
    if (told.session !== null && response.id_token !== undefined) {
      await noteSessionClient(deps, tx, { session: told.session, client, person, provider });
    }
    const tombstoneEnd = tx.now + deps.config.lifetimes.accessToken;
    deviceAuthorizations.consume(tx, unspent, accessTokenDigest, tombstoneEnd);
    auditEvents.append(tx, {
      type: "device_code_exchanged",
      clientId: client.clientId,
      person,
      grantId: grants.idOf(grant),
      sessionId: grant.value.sessionId,
    });
    return response;
  });
}

/** @throws {OAuthError} `invalid_grant`. Nothing is spent, noted or revoked. */
function assertBindings(
  device: Entry<DeviceAuthorization>,
  client: AuthenticatedClient,
  { grantId, provider }: { readonly grantId: string; readonly provider: Provider },
): Present<DeviceAuthorization> {
  const isKnown = device.value !== null && device.value.providerEpoch === provider.epoch &&
    device.value.grantId === grantId;
  if (device.value === null || !isKnown) {
    throw invalidGrant("device_code is unknown or has expired", "device_code_unknown");
  }
  const { clientId, clientCreatedAt, clientEpoch } = device.value;
  if (clientId !== client.clientId || clientCreatedAt !== client.createdAt) {
    throw invalidGrant("device_code was issued to another client", "code_other_client");
  }
  if (clientEpoch !== client.epoch) {
    throw invalidGrant(
      "the client has changed how it authenticates since device_code was issued",
      "client_changed",
    );
  }
  return device;
}

/**
 * Refuses a poll before the user has answered. A poll in time is noted. Of those that come too early, only
 * the first one after it is stored: it lengthens the interval. So a device that polls without a pause
 * costs two commits in each interval, and the interval grows.
 */
async function notYet(
  tx: Transaction,
  caller: Caller,
  device: Present<DeviceAuthorization>,
): Promise<never> {
  const { polledAt, interval, slowedDown } = device.value;
  // Clocks count whole seconds here, so that two polls with five seconds between may seem one closer.
  const isEarly = polledAt !== null && tx.now - polledAt < interval - 1;
  const slow = new OAuthError("slow_down", "polls come too often: wait 5 seconds longer");
  if (isEarly && slowedDown) throw slow;
  await spendProofs(tx, caller);
  if (isEarly) {
    deviceAuthorizations.slowDown(tx, device);
    return tx.refuse(slow);
  }
  deviceAuthorizations.notePoll(tx, device);
  return tx.refuse(new OAuthError("authorization_pending", "the user has not answered yet"));
}

/** The code as a spendable entry; null if it is spent. An answer that got lost may be asked for again. */
function spendable(
  tx: Transaction,
  device: Present<DeviceAuthorization>,
): Fresh<DeviceAuthorization> | null {
  if (isFresh(device)) return device;
  if (!device.value.undelivered || device.value.spentBy === null) return null;
  accessTokens.endByDigest(tx, device.value.spentBy);
  return deviceAuthorizations.asFresh(device);
}

function invalidGrant(description: string, reason: RefusalReason): OAuthError {
  return new OAuthError("invalid_grant", description, { reason });
}
