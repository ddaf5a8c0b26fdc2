import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import { type Entry as StoreEntry, isPresent } from "../../stores/engine/collection.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { CustomClaimValues } from "../../stores/custom_claims.ts";
import * as providers from "../../stores/provider.ts";
import * as groups from "../../stores/groups.ts";
import * as resources from "../../stores/resources.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import { ConfigError } from "../config/config.ts";
import { isForeignAddress, newUser } from "../authn/new_accounts/new_account.ts";
import { newPasswordProblem } from "../authn/passwords/new_password.ts";
import { customClaimOf, customClaimsProblem, mostCustomClaims } from "../claims/custom_claims.ts";
import { keptSecretOf } from "../clients/kept_secret.ts";
import { clientOf } from "../clients/metadata.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type Entry, resourceOf } from "./entries.ts";

/** The change of an entry, with its audit event. A step contains at most one such change. */
export type Change = (tx: Transaction) => Promise<void>;

type ValueOf<Kind extends Entry["kind"]> = Extract<Entry, { kind: Kind }>["value"];

/** Prepares the change: slow work, such as hashing a password, is done before the step. */
export async function changeOf(deps: Deps, entry: Entry): Promise<Change> {
  switch (entry.kind) {
    case "client":
      return await clientChange(deps, entry.value);
    case "custom_claim":
      return customClaimChange(entry.value);
    case "group":
      return groupChange(entry.value);
    case "user":
      return await userChange(deps, entry.value);
    case "resource":
      return resourceChange(entry.value);
  }
}

/** Creates the client, or changes it to match the entry. */
export async function clientChange(
  { masterKey }: Pick<Deps, "masterKey">,
  metadata: ValueOf<"client">,
): Promise<Change> {
  const kept = await keptSecretOf(masterKey, metadata);
  return async (tx) => {
    const clientId = metadata.client_id;
    const { client: found } = await tx.read({ client: clients.ref(clientId) });
    const client = clientOf(metadata, kept, tx.now);
    if (found.value === null) clients.create(tx, client);
    else clients.replace(tx, found, client);
    const type = found.value === null ? "client_created" : "client_updated";
    auditEvents.append(tx, { type, clientId });
  };
}

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
  const address = users.verifiedEmail(claims);
  return async (tx) => {
    const { name, owner } = await tx.read({
      name: userNames.usernameRef(username),
      owner: address === null ? null : userNames.emailRef(address),
    });
    const namedId = userNames.ownerOfName(name, username);
    const { user: found } = await tx.read({ user: namedId === null ? null : users.ref(namedId) });
    assertOwnAddress(username, owner, found && found.value && namedId);
    assertOwnName(username, found?.value ? { ...found.value.claims, ...claims } : claims);
    await assertGroups(tx, username, wanted);
    if (found === null || found.value === null) {
      if (userNames.isNameTaken(name, null)) throw looksTaken(username);
      const userId = randomId(tx.random);
      await assertCustomClaims(tx, username, custom);
      const names = [...new Set(wanted)].sort();
      const own = { username, passwordHash, claims, customClaims: custom, groups: names };
      users.create(tx, userId, newUser(own, tx.now));
      groups.index(tx, userId, own.groups);
      auditEvents.append(tx, { type: "user_created", userId });
      return;
    }
    const { epoch, passwordHash: before, groups: earlier, customClaims } = found.value;
    await assertCustomClaims(tx, username, custom, customClaims);
    const names = [...new Set([...earlier, ...wanted])].sort();
    if (names.length > groups.mostGroups) throw tooManyGroups(username);
    groups.index(tx, users.idOf(found), names.filter((group) => !earlier.includes(group)));
    const isOther = password !== undefined &&
      (before === null || !await deps.passwordHasher.verify(password, before));
    users.replace(tx, found, {
      username,
      claims: { ...found.value.claims, ...claims },
      customClaims: { ...customClaims, ...custom },
      groups: names,
      // A new password ends everything that a person who knew the old one may have.
      ...(isOther ? { passwordHash, epoch: epoch + 1 } : {}),
    });
    auditEvents.append(tx, { type: "user_updated", userId: users.idOf(found) });
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
  values: CustomClaimValues,
  before: CustomClaimValues = {},
) {
  if (Object.keys(values).length === 0) return;
  const { provider } = await providers.read(tx, {});
  const after = { ...before, ...values };
  const problem = customClaimsProblem(provider.customClaims, before, after);
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

function customClaimChange(given: ValueOf<"custom_claim">): Change {
  const claim = customClaimOf(given);
  return async (tx) => {
    const { found } = await tx.read({ found: providers.ref() });
    if (!isPresent(found)) throw new Error("the provider's record does not exist");
    const others = found.value.customClaims.filter((one) => one.claim !== claim.claim);
    const isNew = others.length === found.value.customClaims.length;
    if (others.length >= mostCustomClaims) {
      throw new ConfigError("LATCHKEY_BOOTSTRAP", `has over ${mostCustomClaims} custom_claims`);
    }
    providers.setCustomClaims(tx, found, [...others, claim]);
    const type = isNew ? "custom_claim_created" : "custom_claim_updated";
    auditEvents.append(tx, { type, about: claim.claim });
  };
}

function groupChange({ group, description }: ValueOf<"group">): Change {
  return async (tx) => {
    const { found } = await tx.read({ found: groups.ref(group) });
    if (found.value === null) groups.create(tx, group, description);
    else groups.describe(tx, found, description);
    const type = found.value === null ? "group_created" : "group_updated";
    auditEvents.append(tx, { type, about: group });
  };
}

function resourceChange(given: ValueOf<"resource">): Change {
  return async (tx) => {
    const { resource: found } = await tx.read({ resource: resources.ref(given.resource) });
    const resource = resourceOf(given, tx.now);
    if (found.value === null) resources.create(tx, resource);
    else resources.replace(tx, found, resource);
    const type = found.value === null ? "resource_created" : "resource_updated";
    auditEvents.append(tx, { type, about: given.resource });
  };
}
