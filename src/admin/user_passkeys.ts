import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import * as passkeys from "../../stores/passkeys.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import { removePasskey } from "../authn/passkeys/removal.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { JsonObject } from "./json_body.ts";
import { notFound } from "./problem.ts";
import { existing } from "./records.ts";
import { noticeOfAdministrator } from "./user_notices.ts";
import { shown as shownUser, userRef } from "./user_representation.ts";

/** Lists a person's passkeys, all of them: there are never more than a page of others has. */
export function listUserPasskeys(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  return asAdministrator(deps, request, async (tx) => {
    const user = await existing(tx, shownUser, userRef(userId));
    const found = await inBatches(tx, user.value.passkeys.map(passkeys.ref));
    return answer({ items: found.filter(isPresent).map(show), next_cursor: null });
  });
}

/**
 * Removes a passkey, as of a lost device, and tells the person by mail. It may be their last way in: who
 * has found the device must not get in, and there is a way back by mail.
 */
export async function removeUserPasskey(
  deps: Deps,
  request: AdminRequest,
  userId: string,
  passkeyId: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const user = await existing(tx, shownUser, userRef(userId));
    if (!user.value.passkeys.includes(passkeyId)) throw notFound("passkey");
    const { passkey } = await tx.read({ passkey: passkeys.ref(passkeyId) });
    removePasskey(tx, user, passkeyId);
    auditEvents.append(tx, { type: "passkey_removed", userId, about: passkeyId });
    await noticeOfAdministrator(deps, tx, user, "passkey_removed", passkey.value?.name ?? "");
  });
  deps.mailBell.ring();
  return done;
}

/** Without its key: that is of use to nobody else. */
function show(passkey: Present<Passkey>): JsonObject {
  const { value } = passkey;
  return {
    id: passkeys.idOf(passkey),
    name: value.name,
    device_type: value.deviceType === "singleDevice" ? "single_device" : "multi_device",
    backed_up: value.backedUp,
    aaguid: value.aaguid,
    transports: value.transports,
    created_at: value.createdAt,
    last_used_at: value.lastUsedAt,
    copy_suspected_at: value.copySuspectedAt,
  };
}
