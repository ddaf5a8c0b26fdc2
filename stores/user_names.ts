import { z } from "zod";
import { digestNow } from "../src/crypto/digest.ts";
import { parseMailAddress } from "../src/identifiers/mail_address.ts";
import { skeleton } from "../src/identifiers/skeleton.ts";
import { normalName } from "../src/identifiers/username.ts";
import { collection, type Entry, isPresent, type Ref } from "./engine/collection.ts";
import { id, type Transaction } from "./engine/transaction.ts";

const ownersSchema = z.object({
  /**
   * The users whose names look alike. Only one is possible now, since a name that looks like another is
   * refused. Accounts from before that rule may be several; each keeps its name.
   */
  owners: z.array(z.object({ name: z.string(), userId: z.string() })).min(1),
});
export type NameOwners = z.infer<typeof ownersSchema>;
const usersByName = collection({
  family: "users_by_name",
  version: 1,
  schema: ownersSchema,
});

const addressOwnerSchema = z.object({ userId: z.string() });
export type AddressOwner = z.infer<typeof addressOwnerSchema>;
const usersByAddress = collection({
  family: "users_by_address",
  version: 1,
  schema: addressOwnerSchema,
});

/**
 * The place of the owners of all names that look like this one. If there is any owner, the name is taken. Its
 * digest hides the name, and has a fixed length. `ownerOfName` finds the owner of exactly this name, in any spelling.
 */
export function usernameRef(username: string): Ref<NameOwners> {
  return usersByName.ref(digestNow(skeleton(normalName(username))));
}

/** The id of the user with exactly this name; null: there is none. */
export function ownerOfName({ value }: Entry<NameOwners>, username: string): string | null {
  const name = normalName(username);
  return value?.owners.find((owner) => owner.name === name)?.userId ?? null;
}

/** Whether a name belongs to another user, or looks like another user's name. */
export function isNameTaken({ value }: Entry<NameOwners>, userId: string | null): boolean {
  return value !== null && value.owners.some((owner) => owner.userId !== userId);
}

/** The place of the id of the one user who has verified this mail address. */
export function emailRef(address: string): Ref<AddressOwner> {
  // An invalid address has no owner, but its key has the same form as any other.
  return usersByAddress.ref(
    digestNow(parseMailAddress(address) ?? `none:${normalName(address)}`),
  );
}

/** Everything to read to find the user for a sign-in identifier: a username or a verified mail address. */
export function identifierRefs(typed: string) {
  return {
    name: usernameRef(typed),
    // Read it for an invalid address too: the reads must not reveal what was typed.
    address: emailRef(typed),
  };
}

/**
 * The user for a sign-in identifier. The user who verified the address wins over a user who only has it
 * as a username.
 */
export function ownerOfIdentifier(
  { name, address }: {
    readonly name: Entry<NameOwners>;
    readonly address: Entry<AddressOwner>;
  },
  typed: string,
): string | null {
  return address.value?.userId ?? ownerOfName(name, typed);
}

/** Whether two usernames count as the same. */
export function isSameName(one: string, other: string): boolean {
  return normalName(one) === normalName(other);
}

/** The owner and the spelling of a name, from the user's record. */
interface Named {
  readonly userId: string;
  readonly username: string;
}

/** Records that a user has a name. @throws {RecordExists} if it is another user's, or looks like one */
export function takeName(tx: Transaction, user: Named) {
  tx.create(usernameRef(user.username), { owners: [ownerOf(user)] });
}

/**
 * Gives a user another name instead of the old one.
 * @throws {RecordExists} if it is another user's, or looks like one
 */
export async function changeName(tx: Transaction, user: Named, username: string) {
  const { userId } = user;
  if (isSameName(user.username, username)) return; // the same name, spelt differently
  const to = usernameRef(username);
  if (id(usernameRef(user.username).key) !== id(to.key)) {
    await giveUpName(tx, user);
    takeName(tx, { userId, username });
    return;
  }
  // The new name looks like the old one.
  const { found } = await tx.read({ found: to });
  if (!isPresent(found)) return;
  const others = found.value.owners.filter((owner) => owner.userId !== userId);
  tx.replace(found, { owners: [...others, ownerOf({ userId, username })] });
}

/**
 * Unchecked, unless another user's name looks the same: the user's record holds the name, and that record
 * is checked. Meanwhile no owner can be added.
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
 * Moves the index from the user's old verified address to the new one; null: none.
 * @throws {RecordExists} if the new one is another user's
 */
export function moveAddress(
  tx: Transaction,
  userId: string,
  { from, to }: { readonly from: string | null; readonly to: string | null },
) {
  const keys = [from, to].map((address) => address === null ? null : emailRef(address));
  const [before, after] = keys;
  if (before && after && id(before.key) === id(after.key)) return;
  if (before) tx.end(before); // it is this user's: a verified address has one owner
  if (after) tx.create(after, { userId });
}

function ownerOf({ userId, username }: Named) {
  return { name: normalName(username), userId };
}
