import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { newPasswordProblem } from "../authn/passwords/new_password.ts";
import {
  isForeignAddress,
  newPasswordSchema,
  usernameSchema,
} from "../authn/new_accounts/new_account.ts";
import { standardClaimsSchema } from "../claims/claims.ts";
import { unfoundedProof } from "../claims/verified_claims.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { administers, assertAdministratorStays } from "../logout/administrators.ts";
import { invalidMember } from "../protocol/json_entry.ts";
import { assertCustomClaims } from "./custom_claims.ts";
import { Conflict } from "./errors.ts";

/** A user as an administrator writes it. */
export const userSchema = z.strictObject({
  username: usernameSchema,
  password: newPasswordSchema.optional(),
  claims: standardClaimsSchema.superRefine((claims, context) => {
    const problem = unfoundedProof(claims);
    if (problem !== null) {
      context.addIssue({ code: "custom", path: [problem.name], message: problem.rule });
    }
  }).default({}),
  custom_claims: z.record(z.string(), z.unknown()).default({}),
  status: z.enum(["active", "suspended"]).default("active"),
  administrator: z.boolean().default(false),
});
export type WantedUser = z.infer<typeof userSchema>;

/**
 * Whether a password that an administrator has set must be changed at the next sign-in. Nobody but the
 * user may know the password for long (ASVS 5.0 6.4.6). In development the API creates users for tests,
 * so there the password stays.
 */
export function mustBeChanged({ config }: Pick<Deps, "config">): boolean {
  return config.environment === "production";
}

/** Checks and hashes a password for a user. @throws {InvalidEntry} */
export type PasswordHashing = (
  password: string,
  user: Pick<WantedUser, "username" | "claims">,
) => Promise<string>;

/**
 * Hashes the one password of a request, and only once, although its step may run twice. A step must call
 * it only after it has checked the caller.
 */
export function passwordHashing(deps: Pick<Deps, "passwordHasher">): PasswordHashing {
  let hash: Promise<string> | null = null;
  return async (password, { username, claims }) => {
    if (await newPasswordProblem(password, [username, claims.email]) !== null) {
      const rule = "must not be a common password, or the user's own name";
      throw invalidMember("password", rule);
    }
    return await (hash ??= deps.passwordHasher.hash(password));
  };
}

/**
 * @param userId the user who will have the name; null: a new user
 * @throws {Conflict}
 */
export async function assertNameIsFree(tx: Transaction, username: string, userId: string | null) {
  const { name } = await tx.read({ name: userNames.usernameRef(username) });
  if (!userNames.isNameTaken(name, userId)) return;
  throw new Conflict("another user has this username, or one that looks like it");
}

/**
 * Only one user can have a verified mail address.
 *
 * @param userId the user who will have the address; null: a new user
 * @throws {Conflict}
 */
export async function assertAddressIsFree(
  tx: Transaction,
  claims: WantedUser["claims"],
  userId: string | null,
) {
  const email = users.verifiedEmail(claims);
  if (email === null) return;
  const { address } = await tx.read({ address: userNames.emailRef(email) });
  if (address.value === null || address.value.userId === userId) return;
  throw new Conflict("another user has verified this mail address");
}

/** A username that is a mail address must be the user's own address. @throws {InvalidEntry} */
export function assertOwnName({ username, claims }: Pick<WantedUser, "username" | "claims">) {
  if (!isForeignAddress(username, users.verifiedEmail(claims))) return;
  throw invalidMember("username", "must be the user's verified email, or have no @");
}

/**
 * Changes a user to what an administrator wants, and adds the audit events. A suspension or a new password
 * ends all sessions and grants of the user.
 *
 * @returns the record as it will be
 * @throws {LastAdministrator}
 */
export async function changeUser(
  deps: Pick<Deps, "kv" | "passwordHasher" | "config">,
  tx: Transaction,
  user: Present<User>,
  wanted: WantedUser,
  hashed?: PasswordHashing,
): Promise<User> {
  const { username, claims, status, administrator, password } = wanted;
  const { custom_claims: customClaims } = wanted;
  const before = user.value;
  const userId = users.idOf(user);
  // A user from before this rule keeps their name.
  if (before.username !== username || users.verifiedEmail(before.claims) !== null) {
    assertOwnName({ username, claims });
  }
  if (!userNames.isSameName(before.username, username)) {
    await assertNameIsFree(tx, username, userId);
    if (password === undefined) await assertIsNoPassword(deps, username, before);
  }

  await assertAddressIsFree(tx, claims, userId);
  await assertCustomClaims(tx, { before: before.customClaims, after: customClaims });
  const passwordHash = password !== undefined && hashed
    ? await hashed(password, { username, claims })
    : before.passwordHash;
  const suspends = before.status === "active" && status === "suspended";
  const ends = suspends || passwordHash !== before.passwordHash;
  const epoch = before.epoch + (ends ? 1 : 0);
  const mustChangePassword = passwordHash === before.passwordHash
    ? before.mustChangePassword
    : mustBeChanged(deps);
  const credentials = { passwordHash, mustChangePassword };
  const shown = { username, claims, customClaims, status, administrator };
  const after = { ...before, ...shown, ...credentials, epoch };
  if (canonicalJson(after) === canonicalJson(before)) return before;

  if (!administers(after)) await assertAdministratorStays(deps, tx, user);
  await users.rename(tx, user, username);
  users.replace(tx, user, after);
  if (status !== before.status) {
    auditEvents.append(tx, { type: suspends ? "user_suspended" : "user_activated", userId });
  }
  const changed = namedInEvent.filter((name) =>
    canonicalJson(after[name]) !== canonicalJson(before[name])
  );
  if (changed.length > 0) {
    auditEvents.append(tx, { type: "user_updated", reason: changed.join(" "), userId });
  }
  return { ...after, updatedAt: tx.now };
}

/** Everybody can read a username, so it must not be the user's password. */
async function assertIsNoPassword(
  { passwordHasher }: Pick<Deps, "passwordHasher">,
  username: string,
  { passwordHash }: User,
) {
  if (passwordHash === null || !await passwordHasher.verify(username, passwordHash)) return;
  throw invalidMember("username", "must not be the user's password");
}

/** The members that an event names, without their values. A change of the status has its own event. */
const namedInEvent = [
  "username",
  "claims",
  "customClaims",
  "administrator",
  "passwordHash",
] as const;
