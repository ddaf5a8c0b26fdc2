import { createHash } from "node:crypto";
import { z } from "zod";
import { parseMailAddress } from "../src/identifiers/mail_address.ts";
import { skeleton } from "../src/identifiers/skeleton.ts";
import { normalName } from "../src/identifiers/username.ts";
import { collection, type Entry, isPresent, type Ref } from "./engine/collection.ts";
import { id, type Transaction } from "./engine/transaction.ts";
import { userRecords } from "./user_records.ts";

const ownersSchema = z.object({
  /**
   * The people whose names look alike: one, since nobody gets a name that looks like another. Accounts
   * from before that rule may be several; each keeps its name.
   */
  owners: z.array(z.object({ name: z.string(), userId: z.string() })).min(1),
});
export type NameOwners = z.infer<typeof ownersSchema>;
const usersByName = collection({
  family: "users_by_name",
  version: 1,
  schema: ownersSchema,
  target: (_, { owners }) => userRecords.ref(owners[0]?.userId ?? ""),
});

const addressOwnerSchema = z.object({ userId: z.string() });
export type AddressOwner = z.infer<typeof addressOwnerSchema>;
const usersByAddress = collection({
  family: "users_by_address",
  version: 1,
  schema: addressOwnerSchema,
  target: (_, { userId }) => userRecords.ref(userId),
});

/**
 * Points at who has a name that looks like this one: a name that is found there is taken. Who has exactly
 * this name, in whatever spelling, `ownerOfName` tells.
 */
export function usernameRef(username: string): Ref<NameOwners> {
  return usersByName.ref(shortDigest(skeleton(normalName(username))));
}

/** The id of the person of exactly this name; null: nobody is called that. */
export function ownerOfName({ value }: Entry<NameOwners>, username: string): string | null {
  const name = normalName(username);
  return value?.owners.find((owner) => owner.name === name)?.userId ?? null;
}

/** Whether a name is somebody's, or looks like somebody's, other than this person. */
export function isNameTaken({ value }: Entry<NameOwners>, userId: string | null): boolean {
  return value !== null && value.owners.some((owner) => owner.userId !== userId);
}

/** Points at the id of the one person who has proved that this mail address is theirs. */
export function emailRef(address: string): Ref<AddressOwner> {
  // What is no address is nobody's, and its key is like any other.
  return usersByAddress.ref(
    shortDigest(parseMailAddress(address) ?? `none:${normalName(address)}`),
  );
}

/** What finds the person who is meant by a text at sign-in, a username or a proved mail address. */
export function identifierRefs(typed: string) {
  return {
    name: usernameRef(typed),
    // Also where it can be no address: what is read must not tell what was typed.
    address: emailRef(typed),
  };
}

/** Who is meant: whoever proved the address comes before somebody who only calls themselves that. */
export function ownerOfIdentifier(
  { name, address }: {
    readonly name: Entry<NameOwners>;
    readonly address: Entry<AddressOwner>;
  },
  typed: string,
): string | null {
  return address.value?.userId ?? ownerOfName(name, typed);
}

/** Whether two usernames are taken for the same. */
export function isSameName(one: string, other: string): boolean {
  return normalName(one) === normalName(other);
}

/** Whose a name is, and how it is spelt: what a person's record says. */
interface Named {
  readonly userId: string;
  readonly username: string;
}

/** Adds that a person has a name. @throws {RecordExists} when it is another's, or looks like another's */
export function takeName(tx: Transaction, person: Named) {
  tx.create(usernameRef(person.username), { owners: [ownerOf(person)] });
}

/**
 * Gives a person another name in the place of theirs.
 *
 * @throws {RecordExists} when it is another's, or looks like another's
 */
export async function changeName(tx: Transaction, person: Named, username: string) {
  const { userId } = person;
  if (isSameName(person.username, username)) return; // the same name, spelt otherwise
  const to = usernameRef(username);
  if (id(usernameRef(person.username).key) !== id(to.key)) {
    await giveUpName(tx, person);
    takeName(tx, { userId, username });
    return;
  }
  // Another name that looks like the one before.
  const { found } = await tx.read({ found: to });
  if (!isPresent(found)) return;
  const others = found.value.owners.filter((owner) => owner.userId !== userId);
  tx.replace(found, { owners: [...others, ownerOf({ userId, username })] });
}

/**
 * Unchecked, except where somebody else's name looks the same: the name is this person's for as long as
 * their record says so, and that is checked. Nobody can be added to the owners meanwhile.
 */
export async function giveUpName(tx: Transaction, { userId, username }: Named) {
  const at = usernameRef(username);
  const { seen } = await tx.peek({ seen: at }, "to_be_ended");
  const areOthers = seen.value?.owners.some((owner) => owner.userId !== userId) ?? false;
  if (!areOthers) return tx.end(at);
  const { found } = await tx.read({ found: at });
  if (!isPresent(found)) return;
  tx.replace(found, { owners: found.value.owners.filter((owner) => owner.userId !== userId) });
}

/**
 * Follows a verified address from one value of it to another; null: none.
 *
 * @throws {RecordExists} when the new one is another's
 */
export function moveAddress(
  tx: Transaction,
  userId: string,
  { from, to }: { readonly from: string | null; readonly to: string | null },
) {
  const keys = [from, to].map((address) => address === null ? null : emailRef(address));
  const [before, after] = keys;
  if (before && after && id(before.key) === id(after.key)) return;
  if (before) tx.end(before); // it is this person's: a verified address is nobody else's
  if (after) tx.create(after, { userId });
}

function ownerOf({ userId, username }: Named) {
  return { name: normalName(username), userId };
}

// A key tells nobody's name or address, and has one length.
function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
