import * as auditEvents from "../../stores/audit_events.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import { type Entry as StoreEntry, isPresent } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as groups from "../../stores/groups.ts";
import * as providers from "../../stores/provider.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import { isForeignAddress, newUser } from "../authn/new_accounts/new_account.ts";
import { newPasswordProblem } from "../authn/passwords/new_password.ts";
import { type CustomClaimsChange, customClaimsProblem } from "../claims/custom_claims.ts";
import { unfoundedProof, withoutOldProofs } from "../claims/verified_claims.ts";
import { ConfigError } from "../config/config_error.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import type { Change, ValueOf } from "./entries.ts";

/** Creates the user, or changes only the members that the entry gives. */
export async function userChange(deps: Deps, given: ValueOf<"user">): Promise<Change> {
  const { username, password, claims, groups: wanted, custom_claims: custom } = given;
  const names = [username, claims.email];
  if (password !== undefined && await newPasswordProblem(password, names) !== null) {
    throw new ConfigError(
      "LATCHKEY_BOOTSTRAP",
      `gives ${username} one of the most common passwords, or their own name: choose another`,
    );
  }
  const passwordHash = password === undefined ? null : await deps.passwordHasher.hash(password);
  return async (tx, keepsPassword) => {
    const { name } = await tx.read({ name: userNames.usernameRef(username) });
    const namedId = userNames.ownerOfName(name, username);
    const { user: found } = await tx.read({ user: namedId === null ? null : users.ref(namedId) });
    const known = found?.value?.claims ?? {};
    const after = withoutOldProofs(known, { ...known, ...claims }, claims);
    // The entry may give the address, or verify the one that the user has.
    const address = users.verifiedEmail(after);
    const { owner } = await tx.read({
      owner: address === null ? null : userNames.emailRef(address),
    });
    assertOwnAddress(username, owner, found && found.value && namedId);
    assertFounded(username, after);
    assertOwnName(username, after);
    await assertGroups(tx, username, wanted);
    const before = found?.value ?? null;
    if (before === null && userNames.isNameTaken(name, null)) throw looksTaken(username);
    const earlier = before?.groups ?? [];
    if (Object.keys(custom).length > 0) {
      const ownClaims = before?.customClaims ?? {};
      const change = { before: ownClaims, after: { ...ownClaims, ...custom } };
      await assertCustomClaims(tx, username, change);
    }
    const groupNames = [...new Set([...earlier, ...wanted])].sort();
    if (groupNames.length > groups.mostGroups) throw tooManyGroups(username);
    const userId = found !== null && isPresent(found) ? users.idOf(found) : randomId(tx.random);
    groups.index(tx, userId, groupNames.filter((group) => !earlier.includes(group)));

    if (found === null || found.value === null) {
      const own = { username, passwordHash, claims, customClaims: custom, groups: groupNames };
      users.create(tx, userId, newUser(own, tx.now));
      auditEvents.append(tx, { type: "user_created", userId });
      return;
    }
    const { epoch, passwordHash: earlierHash, customClaims } = found.value;
    const isOther = password !== undefined && !keepsPassword &&
      (earlierHash === null || !await deps.passwordHasher.verify(password, earlierHash));
    users.replace(tx, found, {
      username,
      claims: after,
      customClaims: { ...customClaims, ...custom },
      groups: groupNames,
      // A new password ends everything that a person who knew the old one may have.
      ...(isOther ? { passwordHash, epoch: epoch + 1 } : {}),
    });
    auditEvents.append(tx, { type: "user_updated", userId });
  };
}

/**
 * @throws {ConfigError} if the address is verified for another user: an address gives access to one
 *   account
 */
function assertOwnAddress(
  username: string,
  owner: StoreEntry<{ readonly userId: string }> | null,
  personId: string | null,
) {
  if (!owner || owner.value === null || owner.value.userId === personId) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `gives ${username} a verified email that is another user's: verify it for only one of them`,
  );
}

/** @throws {ConfigError} if the name is a mail address, but not the user's own */
function assertOwnName(username: string, claims: users.User["claims"]) {
  if (!isForeignAddress(username, users.verifiedEmail(claims))) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `gives a user the name ${username}, a mail address that is not their verified email: give them \
this email, with email_verified, or a name without @`,
  );
}

/** @throws {ConfigError} if they say that something is verified which they do not have */
function assertFounded(username: string, claims: users.User["claims"]) {
  const problem = unfoundedProof(claims);
  if (problem === null) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `gives ${username} claims.${problem.name} that ${problem.rule}`,
  );
}

function looksTaken(username: string): ConfigError {
  return new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `gives a user the name ${username}, which looks like another user's name: choose another`,
  );
}

/** @throws {ConfigError} if a group does not exist: a misspelt name would silently give no access */
async function assertGroups(tx: Transaction, username: string, names: readonly string[]) {
  const found = await inBatches(tx, names.map(groups.ref));
  const missing = names.find((_, n) => found[n]?.value?.deletingSince !== null);
  if (missing === undefined) return;
  throw new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `puts ${username} into the group ${missing}, which does not exist: add it to groups`,
  );
}

/** @throws {ConfigError} */
async function assertCustomClaims(
  tx: Transaction,
  username: string,
  change: CustomClaimsChange,
) {
  const { provider } = await providers.read(tx, {});
  const problem = customClaimsProblem(provider.customClaims, change);
  if (problem === null) return;
  const place = problem.claim === null ? "custom_claims" : `custom_claims.${problem.claim}`;
  throw new ConfigError("LATCHKEY_BOOTSTRAP", `gives ${username} ${place} that ${problem.rule}`);
}

function tooManyGroups(username: string): ConfigError {
  return new ConfigError(
    "LATCHKEY_BOOTSTRAP",
    `puts ${username} into more than ${groups.mostGroups} groups`,
  );
}
