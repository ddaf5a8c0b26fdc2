import * as auditEvents from "../../stores/audit_events.ts";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import * as grantTypes from "../../stores/grant_types.ts";
import { firstInterval, newPolled } from "../../stores/polled.ts";
import {
  type Call,
  type ClientRequest,
  preparedCall,
  readCaller,
  spendProofs,
} from "../callers/caller.ts";
import { clientStep } from "../callers/client_step.ts";
import { assertNamesResource } from "../clients/profile.ts";
import type { Deps } from "../deps/deps.ts";
import { readGrantable } from "../grantable/requested.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { codeOf, formatCode } from "../identifiers/letter_code.ts";
import { deviceParameters, parseDeviceParameters } from "../interactions/device_request.ts";
import { requestedAcr } from "../interactions/request_requirement.ts";
import { leastAcr } from "../interactions/requirement.ts";
import { OAuthError } from "../protocol/errors.ts";
import { keptParameters, tooLongToKeep } from "../protocol/kept_parameters.ts";
import { requestedKey } from "../tokens/dpop.ts";

/** @see RFC 8628 section 3.2 */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

const rules = { grantType: grantTypes.deviceCode } as const;

/**
 * Accepts the request of a device, with all checks of the authorization endpoint. The user types the user
 * code in a browser, and the device polls with the device code. A device code begins with the id of the
 * grant that it may lead to, so that a poll finds both in one read.
 *
 * @throws {OAuthError}
 * @see RFC 8628 section 3.1
 */
export async function requestDeviceAuthorization(
  deps: Deps,
  request: ClientRequest,
): Promise<DeviceAuthorizationResponse> {
  const call = await preparedCall(deps, request);
  const sent = deviceParameters(call.form);
  return await clientStep(deps, call, async (tx) => {
    const userCode = codeOf(tx.random.bytes(16));
    const refs = { free: deviceAuthorizations.userCodeRef(userCode) };
    const prefetch = resourceRefs(sent);
    const read = await readCaller(deps, tx, call, refs, { ...rules, prefetch });
    const { caller, provider, free } = read;
    const { client } = caller;
    assertUnsigned(call);
    const parsed = parseDeviceParameters(sent);
    assertNamesResource(client, parsed.resource);
    leastAcr({ acr: requestedAcr(parsed) }); // refuses an essential one that is unknown here
    await readGrantable(deps, tx, client, parsed);
    const parameters = keptParameters(sent);
    const tooLong = tooLongToKeep(parameters);
    if (tooLong !== null) throw new OAuthError("invalid_request", tooLong);
    const jkt = requestedKey(call.proof, parsed.dpop_jkt);
    if (free.value !== null) throw codeTaken();
    await spendProofs(tx, caller);

    const lifetime = deps.config.lifetimes.deviceCode;
    const nonce = parsed.nonce ?? null;
    const codeChallenge = parsed.code_challenge ?? null;
    const asked = { client, provider, jkt, lifetime, parameters, nonce, codeChallenge };
    const { secret: deviceCode, unanswered } = newPolled(tx, asked);
    const at = deviceAuthorizations.ref(deviceCode);
    deviceAuthorizations.add(tx, at, free, { ...unanswered, userCode });
    auditEvents.append(tx, { type: "device_requested", clientId: client.clientId });
    const page = `${deps.config.issuer}/device`;
    const shownCode = formatCode(userCode);
    return {
      device_code: deviceCode,
      user_code: shownCode,
      verification_uri: page,
      verification_uri_complete: `${page}?${new URLSearchParams({ user_code: shownCode })}`,
      expires_in: lifetime,
      interval: firstInterval,
    };
  });
}

/** A request object is refused, so that a request is never understood in part. */
function assertUnsigned({ form }: Call) {
  if (form.request !== undefined) {
    throw new OAuthError("request_not_supported", "request objects are not accepted here");
  }
  if (form.request_uri !== undefined) {
    throw new OAuthError("request_uri_not_supported", "request_uri is not accepted here");
  }
}

/** One random code of 2.56 x 10^10 is another device's at this moment. */
function codeTaken(): OAuthError {
  return new OAuthError("temporarily_unavailable", "no user code was free: try again", {
    headers: { "Retry-After": "1" },
  });
}
