import { isUnchangedClient } from "../../stores/client_identity.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as consents from "../../stores/consents.ts";
import type { Consent } from "../../stores/consents.ts";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import type { DeviceAuthorization } from "../../stores/device_authorizations.ts";
import { type Entry, type Fresh, isFresh, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { DeviceRequest } from "../../stores/interaction_request.ts";
import * as interactions from "../../stores/interactions.ts";
import type { Interaction } from "../../stores/interactions.ts";
import { isWaiting } from "../../stores/polled.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import type { Deps } from "../deps/deps.ts";
import type { Grantable } from "../grantable/grantable.ts";
import { readGrantable } from "../grantable/requested.ts";
import { resourceRefs } from "../grantable/resources.ts";
import { deviceClient, parseDeviceParameters } from "../interactions/device_request.ts";
import { assertOwnInteraction, RequestWentOn } from "../interactions/own_interaction.ts";
import { subjectsOf } from "../claims/subject.ts";
import { isOnlyFor, requirementOf } from "../interactions/request_requirement.ts";
import { possibleNeed } from "../interactions/requirement.ts";
import type { AuthorizationRequestParameters } from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type LiveSession, liveSession, sessionRefs } from "../sessions/live_session.ts";
import type { SessionCookie } from "../sessions/session_cookie.ts";

/** A browser, and the interaction in which it answers a device. */
export interface DeviceInteraction {
  readonly interactionId: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
}

/** What a device waits for, and the records that its answer depends on. */
export type PendingDevice =
  /** The user is asked. */
  | {
    readonly kind: "ask";
    readonly interaction: Fresh<Interaction>;
    readonly device: Present<DeviceAuthorization>;
    readonly client: Client;
    readonly consent: Entry<Consent>;
    readonly request: AuthorizationRequestParameters;
    readonly grantable: Grantable;
    readonly live: LiveSession;
    /** Whether this user's sign-in is what the request asks for. If not, they can only refuse. */
    readonly isMet: boolean;
    /** Whether the request names this user, so that no other account can meet it. */
    readonly isOnlyTheirs: boolean;
    readonly provider: Provider;
    readonly userCode: string;
  }
  /** Somebody must sign in first, or with another factor. */
  | { readonly kind: "sign_in" }
  /** This browser has answered. */
  | {
    readonly kind: "answered";
    readonly answer: "allowed" | "denied";
    readonly client: Client;
    readonly uiLocales: string | undefined;
  };

/**
 * Reads what a device waits for, at most seven records.
 *
 * @throws {OAuthError} if the interaction is another browser's, the codes have expired, or the device was
 *   answered in another browser
 */
export async function readPendingDevice(
  deps: Deps,
  tx: Transaction,
  { interactionId, browserDigest, session: cookie }: DeviceInteraction,
): Promise<PendingDevice> {
  const first = await providers.read(tx, {
    interaction: interactions.ref(interactionId),
    ...sessionRefs(cookie),
  });
  const { provider } = first;
  const interaction = assertOwnInteraction(first.interaction, { browserDigest, provider });
  const waiting = ofDevice(interaction);
  const { clientId, parameters, deviceCodeDigest, userCode } = waiting;
  const { device, consent, ...second } = await tx.read({
    client: clients.ref(clientId),
    device: deviceAuthorizations.refOf(deviceCodeDigest),
    consent: cookie && consents.ref(cookie.userId, clientId),
  }, resourceRefs(parameters));
  const client = deviceClient(second.client.value);
  if (!isFresh(interaction)) {
    const isDenied = interaction.value.spentBy === "access_denied";
    const answer = isDenied ? "denied" : "allowed";
    const { ui_locales: uiLocales } = parseDeviceParameters(parameters);
    return { kind: "answered", answer, client, uiLocales };
  }
  if (!isWaiting(device, provider, tx.now) || !isUnchangedClient(client, device.value)) {
    throw deadCode();
  }
  const request = parseDeviceParameters(parameters);
  const live = liveSession(cookie, { ...first, provider });
  const requirement = requirementOf(request, client, null, await subjectsOf(deps, client));
  const need = possibleNeed(requirement, { now: tx.now, live, interaction: interaction.value });
  const isMet = need === null;
  if (!(isMet || need === "impossible") || live === null || consent === null) {
    return { kind: "sign_in" };
  }
  const { grantable } = await readGrantable(deps, tx, client, request);
  return {
    kind: "ask",
    interaction,
    device,
    client,
    consent,
    request,
    grantable,
    live,
    isMet,
    isOnlyTheirs: isOnlyFor(requirement, live.userId),
    provider,
    userCode,
  };
}

/** @throws {RequestWentOn} for any other request, which belongs to other pages */
function ofDevice({ ref, value }: Present<Interaction>): DeviceRequest {
  if (value.request.kind === "device") return value.request;
  throw new RequestWentOn(String(ref.key[1]));
}

/** The device has to start again, so there is nothing to go back to here. */
function deadCode(): OAuthError {
  return new OAuthError(
    "invalid_request",
    "the code has expired or was answered: start again at the device",
    { situation: "device_code_dead" },
  );
}
