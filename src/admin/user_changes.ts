import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { newPasswordProblem } from "../authn/passwords/new_password.ts";
import { isForeignAddress } from "../authn/new_accounts/new_account.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { administers, assertAdministratorStays } from "../logout/administrators.ts";
import { invalid } from "./json_body.ts";
import { Problem } from "./problem.ts";
import type { WantedUser } from "./user_representation.ts";

/**
 * Whether a password that an administrator has set must be changed at the next sign-in: nobody else may
 * know for long what a person signs in with (ASVS 5.0 6.4.6). In development, where the API makes people
 * for tests, it stays.
 */
export function mustBeChanged({ config }: Pick<Deps, "config">): boolean {
  return config.environment === "production";
}

/**
 * Hashes the one password of a request, and once only, though its step may run twice. Steps call it
 * when they know that an administrator asks.
 */
export function passwordHashing(
  deps: Deps,
): (password: string, person: Pick<WantedUser, "username" | "claims">) => Promise<string> {
  let hash: Promise<string> | null = null;
  return async (password, { username, claims }) => {
    if (await newPasswordProblem(password, [username, claims.email]) !== null) {
      const detail = "must not be one of the most common ones, or the person's own name";
      throw invalid([{ pointer: "/password", detail }]);
    }
    return await (hash ??= deps.passwordHasher.hash(password));
  };
}

/**
 * @param userId whose name it will be; null: a new person's
 * @throws {Problem} 409
 */
export async function assertNameIsFree(tx: Transaction, username: string, userId: string | null) {
  const { name } = await tx.read({ name: userNames.usernameRef(username) });
  if (!userNames.isNameTaken(name, userId)) return;
  throw new Problem("conflict", "somebody else has this username, or one that looks like it");
}

/** A name that is a mail address must be the person's own. @throws {Problem} 422 */
export function assertOwnName({ username, claims }: Pick<WantedUser, "username" | "claims">) {
  if (!isForeignAddress(username, users.verifiedEmail(claims))) return;
  const detail = "must be the person's verified email, or have no @";
  throw invalid([{ pointer: "/username", detail }]);
}

/**
 * Makes a person what an administrator wants, with the events that tell of it. A suspension and a new
 * password end all that the person has.
 *
 * @returns the record as it will be
 * @throws {LastAdministrator}
 */
export async function changeUser(
  deps: Pick<Deps, "kv" | "passwordHasher" | "config">,
  tx: Transaction,
  user: Present<User>,
  wanted: WantedUser,
  hashed?: ReturnType<typeof passwordHashing>,
): Promise<User> {
  const { username, claims, status, administrator, password } = wanted;
  const before = user.value;
  const userId = users.idOf(user);
  // Those from before there was this rule keep their name.
  if (before.username !== username || users.verifiedEmail(before.claims) !== null) {
    assertOwnName({ username, claims });
  }
  if (!userNames.isSameName(before.username, username)) {
    await assertNameIsFree(tx, username, userId);
    if (password === undefined) await assertIsNoPassword(deps, username, before);
  }

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
  const after = { ...before, username, claims, status, administrator, ...credentials, epoch };
  if (canonicalJson(after) === canonicalJson(before)) return before;

  if (!administers(after)) await assertAdministratorStays(deps, tx, user);
  await users.rename(tx, user, username);
  users.replace(tx, user, after);
  if (status !== before.status) {
    auditEvents.append(tx, { type: suspends ? "user_suspended" : "user_activated", userId });
  }
  const changed = tellable.filter((name) =>
    canonicalJson(after[name]) !== canonicalJson(before[name])
  );
  if (changed.length > 0) {
    auditEvents.append(tx, { type: "user_updated", reason: changed.join(" "), userId });
  }
  return { ...after, updatedAt: tx.now };
}

/** A name can be read by everybody, so it must not be the password that its person has. */
async function assertIsNoPassword(
  { passwordHasher }: Pick<Deps, "passwordHasher">,
  username: string,
  { passwordHash }: User,
) {
  if (passwordHash === null || !await passwordHasher.verify(username, passwordHash)) return;
  throw invalid([{ pointer: "/username", detail: "must not be the person's password" }]);
}

/** What an event names, without its values. A status has events of its own. */
const tellable = ["username", "claims", "administrator", "passwordHash"] as const;
