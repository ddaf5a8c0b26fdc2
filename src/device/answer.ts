import * as auditEvents from "../../stores/audit_events.ts";
import * as consents from "../../stores/consents.ts";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import * as interactions from "../../stores/interactions.ts";
import { scopeAt } from "../../stores/resource_scopes.ts";
import { keepAlive } from "../authn/sessions/keep_alive.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import { adminResource, adminScope } from "../clients/admin_resource.ts";
import type { Deps } from "../deps/deps.ts";
import { aboutDetails, grantableText, rememberedPart } from "../grantable/grantable.ts";
import { newGrant } from "../issuing/new_grant.ts";
import { OAuthError } from "../protocol/errors.ts";
import { type DeviceInteraction, type PendingDevice, readPendingDevice } from "./pending.ts";

export interface DeviceAnswer extends DeviceInteraction {
  readonly origin: Origin;
  readonly decision: "allow" | "deny";
  /** What the page showed, in the format of `grantableText`. */
  readonly told: string;
}

/**
 * Stores the user's answer, and with it the grant that the device gets: one commit. The page is always
 * shown, also to a user who has given this consent before, because anybody may have sent them the code.
 *
 * @returns the page that the browser opens next: that of the outcome, the question again because what is
 *   asked has changed, or a sign-in
 * @throws {OAuthError} as `readPendingDevice` does; `access_denied` if this user may not allow it
 * @see RFC 8628 sections 3.3 and 5.4
 */
export async function answerDevice(
  deps: Deps,
  request: DeviceAnswer,
): Promise<"answered" | "again" | "sign_in"> {
  const { origin, decision, told } = request;
  return await deps.kv.step(origin, async (tx) => {
    const pending = await readPendingDevice(deps, tx, request);
    if (pending.kind !== "ask") return pending.kind; // "answered": by an earlier click
    const { grantable, live } = pending;
    const refusal = refusalOf(pending);
    if (decision === "deny" || refusal !== null) {
      deny(tx, pending, refusal);
      return "answered";
    }
    if (told !== grantableText(grantable)) return "again";
    const administers = scopeAt(grantable.resourceScopes, adminResource(deps.config)).length > 0;
    if (administers && !live.user.value.administrator) {
      deny(tx, pending, "user_not_administrator");
      const why = new OAuthError("access_denied", `${adminScope} is for administrators`);
      return tx.refuse(why);
    }
    allow(deps, tx, pending);
    return "answered";
  });
}

type Asked = Extract<PendingDevice, { kind: "ask" }>;

/** Why the user may not allow it, whatever they want. */
function refusalOf({ client, live, isMet }: Asked): string | null {
  if (!mayUse(client, live.user.value)) return "user_not_in_group";
  return isMet ? null : "unmet_authentication_requirements";
}

function allow(deps: Deps, tx: Transaction, pending: Asked) {
  const { interaction, device, client, consent, grantable, live } = pending;
  const { grantId } = device.value;
  const codeLifetime = device.value.codesExpireAt - tx.now;
  grants.add(tx, grantId, newGrant(deps, tx, { ...pending, redirectUri: null, codeLifetime }));
  deviceAuthorizations.answer(tx, device, "allowed");
  consents.remember(tx, client, consent, rememberedPart(grantable, pending.provider));
  interactions.consume(tx, interaction, { spentBy: grantId, codeDigest: null });
  keepAlive(deps, tx, live);
  const event = { clientId: client.clientId, user: live.user, ...aboutDetails(grantable) };
  auditEvents.append(tx, { type: "consent_given", ...event });
  auditEvents.append(tx, { type: "device_allowed", ...event, grantId, sessionId: live.id });
}

function deny(
  tx: Transaction,
  { interaction, device, client, live }: Asked,
  reason: string | null,
) {
  deviceAuthorizations.answer(tx, device, "denied");
  interactions.consume(tx, interaction, { spentBy: "access_denied", codeDigest: null });
  auditEvents.append(tx, {
    type: "device_denied",
    outcome: "failure",
    ...(reason === null ? {} : { reason }),
    clientId: client.clientId,
    user: live.user,
    sessionId: live.id,
  });
}
