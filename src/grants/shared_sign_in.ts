import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as consents from "../../stores/consents.ts";
import type { Consent } from "../../stores/consents.ts";
import * as deviceSecrets from "../../stores/device_secrets.ts";
import { type Entry, isPresent } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Provider } from "../../stores/provider.ts";
import * as resources from "../../stores/resources.ts";
import { sectorOf } from "../../stores/sector.ts";
import * as sessions from "../../stores/sessions.ts";
import * as users from "../../stores/users.ts";
import { sidFor } from "../claims/session_id.ts";
import { subjectOf } from "../claims/subject.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import { constantTimeEqual } from "../crypto/constant_time.ts";
import type { Deps } from "../deps/deps.ts";
import { registeredOwnScope } from "../grantable/registered_scope.ts";
import { dsHashOf, isSecretOf, keepWithSession } from "../issuing/device_secret.ts";
import { liveGrant, sessionIdOf } from "../issuing/live_grant.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { isLive, type LiveSession } from "../sessions/live_session.ts";
import type { DeviceIdToken } from "../tokens/id_token_hint.ts";

/** A sign-in in another application on the same device that a client may use. */
export interface SharedSignIn {
  readonly live: LiveSession;
  /** The application that the user signed in to. */
  readonly other: Client;
  /** How the user signed in there. */
  readonly authentication: Pick<Grant, "authTime" | "amr" | "acr">;
  /** What the user has allowed the client that asks; null: nothing. */
  readonly consent: Consent | null;
}

/**
 * Reads the sign-in that an ID token and a device secret stand for: at most nine records, in one batch. The
 * ID token only names it, as a hint does, so it may have expired; the secret and the session decide.
 *
 * @param from the grant that the ID token names
 * @throws {OAuthError} `invalid_grant`, whatever is wrong; `interaction_required` if all is right but the
 *   client wants a newer sign-in
 * @see OpenID Connect Native SSO sections 4.3 and 4.4
 */
export async function readSharedSignIn(
  deps: Deps,
  tx: Transaction,
  { idToken, deviceSecret }: {
    readonly idToken: DeviceIdToken | null;
    readonly deviceSecret: string;
  },
  { client, provider, from }: {
    readonly client: Client;
    readonly provider: Provider;
    readonly from: Entry<Grant> | null;
  },
  { resource }: { readonly resource: readonly string[] },
): Promise<SharedSignIn> {
  if (idToken === null || from === null || !isPresent(from)) throw refused("subject_token_unknown");
  const grant = from.value;
  const sessionId = sessionIdOf(grant);
  if (grant.userId === null || grant.sid === null || sessionId === null) {
    throw refused("subject_token_unknown");
  }
  const otherRef = clients.ref(grant.clientId);
  const secretRef = deviceSecrets.ref(deviceSecret);
  const consentRef = consents.ref(grant.userId, client.clientId);
  const { user, session } = await tx.read(
    { user: users.ref(grant.userId), session: sessions.ref(sessionId) },
    [otherRef, secretRef, consentRef, ...resource.map(resources.ref)],
  );
  // A withdrawn consent changes the user's record, which is checked; of a secret only its end moves.
  const { other, secret, consent } = await tx.peek(
    { other: otherRef, secret: secretRef, consent: consentRef },
    "registration",
  );
  const live = liveGrant({
    config: deps.config,
    grant: from,
    client: other,
    user,
    session,
    provider,
  });
  if (live === null || live.user === null) throw refused("grant_ended");
  if (!isPresent(session) || !isLive(session.value, live.user, provider)) {
    throw refused("grant_ended");
  }
  if (!mayShare(client, live.client)) throw refused("subject_token_not_allowed");
  const { nativeSso } = live.client;
  if (nativeSso === null || !isSecretOf(secret, { sessionId, nativeSso })) {
    throw refused("device_secret_wrong");
  }
  if (!constantTimeEqual(idToken.dsHash, dsHashOf(deviceSecret))) {
    throw refused("device_secret_wrong");
  }
  const isTheirs = idToken.clientId === live.client.clientId &&
    idToken.subject === await subjectOf(deps, live.client, grant.userId) &&
    idToken.sid === await sidFor(deps, live.client, grant.sid);
  if (!isTheirs) throw refused("subject_token_unknown");
  if (!mayUse(client, live.user.value)) throw refused("subject_token_not_allowed");
  const { authTime, amr, acr } = grant;
  if (client.defaultMaxAge !== null && tx.now - (authTime ?? 0) >= client.defaultMaxAge) {
    throw new OAuthError(
      "interaction_required",
      "the sign-in is older than default_max_age: send an authorization request first",
      { reason: "grant_ended" },
    );
  }
  keepWithSession(tx, deviceSecret, secret.value, session.value);
  return {
    live: { id: sessionId, userId: grant.userId, session, user: live.user },
    other: live.client,
    authentication: { authTime, amr, acr },
    consent: consents.consentTo(client, consent),
  };
}

/**
 * Whether the operator has let two clients share sign-ins. The ID token shows the name of the user in its
 * sector, so clients of two sectors cannot.
 */
function mayShare(client: Client, other: Client): boolean {
  return client.nativeSso !== null && client.nativeSso === other.nativeSso &&
    sectorOf(client) === sectorOf(other) && registeredOwnScope(other).includes("device_sso");
}

/** One answer for all reasons, so that the finder of a secret cannot learn which part is wrong. */
function refused(reason: RefusalReason): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "the ID token and the device secret are of no session that this client may use: sign the user in",
    { reason },
  );
}
