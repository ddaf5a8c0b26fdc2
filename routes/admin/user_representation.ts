import type { Present } from "../../stores/engine/collection.ts";
import * as passkeys from "../../stores/passkeys.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import * as users from "../../stores/users.ts";
import type { NewUser, User } from "../../stores/users.ts";
import { isRandomId } from "../../src/crypto/random.ts";
import { userSchema, type WantedUser } from "../../src/admin/user_changes.ts";
import { withoutOldProofs } from "../../src/claims/verified_claims.ts";
import {
  invalidMember,
  isJsonObject,
  type JsonObject,
  validEntry,
} from "../../src/protocol/json_entry.ts";
import type { Shown } from "./http/records.ts";

export const shownUsers: Shown<User> = {
  name: "user",
  path: "/api/v1/users",
  idMember: "id",
  collection: users.all,
  readOnly: [
    "groups",
    "has_password",
    "must_change_password",
    "has_totp",
    "passkeys",
    "created_at",
    "updated_at",
  ],
  refOf: (userId) => isRandomId(userId) ? users.ref(userId) : null,
  show: (user) => shownUser(users.idOf(user), user.value),
  afterPatch: ({ now, wanted, patch }) => {
    const [before, after, change] = [now.claims, wanted.claims, patch.claims ?? {}];
    if (!isJsonObject(before) || !isJsonObject(after) || !isJsonObject(change)) return wanted;
    return { ...wanted, claims: withoutOldProofs(before, after, change) };
  },
};

/** It says whether the user has a password and an app, and how many passkeys, and no more about them. */
export function shownUser(userId: string, user: NewUser): JsonObject {
  return {
    id: userId,
    username: user.username,
    claims: user.claims,
    custom_claims: user.customClaims,
    groups: user.groups,
    status: user.status,
    administrator: user.administrator,
    has_password: user.passwordHash !== null,
    must_change_password: user.mustChangePassword,
    passkeys: user.passkeys.length,
    has_totp: user.totp !== null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

/** Reads a user as an administrator wants it to be. @throws {InvalidEntry} */
export function wantedUser(userId: string, body: JsonObject): WantedUser {
  const { id = userId, ...given } = body;
  if (id !== userId) throw invalidMember("id", "cannot change");
  return validEntry(userSchema, given);
}

/** A passkey without its key, which only this server needs. */
export function shownPasskey(passkey: Present<Passkey>): JsonObject {
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
