import { z } from "zod";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { newPasswordSchema, usernameSchema } from "../authn/new_accounts/new_account.ts";
import { standardClaimsSchema } from "../claims/claims.ts";
import { invalid, type JsonObject, validated, writable } from "./json_body.ts";
import type { Shown } from "./records.ts";

/** A person as an administrator writes them. */
export const userSchema = z.strictObject({
  username: usernameSchema,
  password: newPasswordSchema.optional(),
  claims: standardClaimsSchema.default({}),
  status: z.enum(["active", "suspended"]).default("active"),
  administrator: z.boolean().default(false),
});
export type WantedUser = z.infer<typeof userSchema>;

export const shown: Shown<User> = {
  name: "user",
  collection: users.all,
  show: (user: Present<User>) => shownAs(users.idOf(user), user.value),
};

/** A person as the API shows them; of a password and an app only whether there is one, of passkeys how many. */
export function shownAs(userId: string, user: Omit<User, "auditKey">): JsonObject {
  return {
    id: userId,
    username: user.username,
    claims: user.claims,
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

/** What an administrator wants a person to be. @throws {Problem} 422 */
export function wantedUser(userId: string, body: JsonObject): WantedUser {
  const { id = userId, ...given } = body;
  if (id !== userId) throw invalid([{ pointer: "/id", detail: "cannot change" }]);
  return validated(
    userSchema,
    writable(given, readOnly),
  );
}

const readOnly = [
  "has_password",
  "must_change_password",
  "has_totp",
  "passkeys",
  "created_at",
  "updated_at",
];

/** Null: nobody can have such an id. */
export function userRef(userId: string): Ref<User> | null {
  return /^[A-Za-z0-9_-]{22}$/.test(userId) ? users.ref(userId) : null;
}
