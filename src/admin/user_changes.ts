import * as auditEvents from "../../stores/audit_events.ts";
import type { Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { isCommonPassword } from "../authn/passwords/new_password.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { invalid } from "./json_body.ts";
import { Problem } from "./problem.ts";
import type { WantedUser } from "./user_representation.ts";

/**
 * Hashes the one password of a request, and once only, though its step may run twice. Steps call it
 * when they know that an administrator asks.
 */
export function passwordHashing(deps: Deps): (password: string) => Promise<string> {
  let hash: Promise<string> | null = null;
  return async (password) => {
    if (await isCommonPassword(password)) {
      throw invalid([{ pointer: "/password", detail: "must not be one of the most common ones" }]);
    }
    return await (hash ??= deps.passwordHasher.hash(password));
  };
}

/** @throws {Problem} 409 */
export async function assertNameIsFree(tx: Transaction, username: string) {
  const { name } = await tx.read({ name: users.usernameRef(username) });
  if (name.value !== null) throw new Problem("conflict", "somebody else has this username");
}

/**
 * Makes a person what an administrator wants, with the events that tell of it. A suspension and a new
 * password end all that the person has.
 *
 * @returns the record as it will be
 */
export async function changeUser(
  tx: Transaction,
  user: Present<User>,
  wanted: WantedUser,
  hashed?: (password: string) => Promise<string>,
): Promise<User> {
  const { username, claims, status, administrator, password } = wanted;
  const before = user.value;
  const userId = users.idOf(user);
  if (!users.isSameName(before.username, username)) await assertNameIsFree(tx, username);

  const passwordHash = password !== undefined && hashed
    ? await hashed(password)
    : before.passwordHash;
  const suspends = before.status === "active" && status === "suspended";
  const ends = suspends || passwordHash !== before.passwordHash;
  const epoch = before.epoch + (ends ? 1 : 0);
  const after = { ...before, username, claims, status, administrator, passwordHash, epoch };
  if (canonicalJson(after) === canonicalJson(before)) return before;

  users.rename(tx, user, username);
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

/** What an event names, without its values. A status has events of its own. */
const tellable = ["username", "claims", "administrator", "passwordHash"] as const;
