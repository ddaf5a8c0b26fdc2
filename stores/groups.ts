import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import { memberRef } from "./group_members.ts";
import * as users from "./users.ts";
import type { User } from "./users.ts";

/** One user cannot be in more groups than this, so that the claim has a bounded size. */
export const mostGroups = 100;

const schema = z.object({
  /** The name. It is what applications see, so it never changes. */
  group: z.string(),
  description: z.string(),
  /** Set while its members are being removed; it takes no new ones. Null: it is in use. */
  deletingSince: z.int().nullable(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
/** A group of users. */
export type Group = z.infer<typeof schema>;
const groups = collection({ family: "groups", version: 1, schema });

export const all: Collection<Group> = groups;

export function ref(group: string): Ref<Group> {
  return groups.ref(group);
}

export function create(tx: Transaction, group: string, description: string): Group {
  const value = {
    group,
    description,
    deletingSince: null,
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  tx.create(ref(group), value);
  return value;
}

export function describe(tx: Transaction, entry: Present<Group>, description: string): Group {
  const value = { ...entry.value, description, updatedAt: tx.now };
  tx.replace(entry, value);
  return value;
}

/** From this commit on, the group takes no new members. */
export function beginRemoval(tx: Transaction, entry: Present<Group>) {
  tx.replace(entry, { ...entry.value, deletingSince: entry.value.deletingSince ?? tx.now });
}

/** Deletes a group that has no member left. */
export function remove(tx: Transaction, entry: Present<Group>) {
  tx.delete(entry);
}

/**
 * Puts a user into a group. The step has read the group, so it fails if the group was deleted meanwhile.
 *
 * @returns the user as they will be
 */
export function addMember(
  tx: Transaction,
  { value: { group } }: Present<Group>,
  user: Present<User>,
): Present<User> {
  index(tx, users.idOf(user), [group]);
  return withGroups(tx, user, [...user.value.groups, group].sort());
}

/** Adds a user to the members of groups. The same step writes the groups to the user's record. */
export function index(tx: Transaction, userId: string, names: readonly string[]) {
  for (const group of names) tx.add(memberRef(group, userId), { since: tx.now });
}

/** @returns the user as they will be */
export function removeMember(tx: Transaction, group: string, user: Present<User>): Present<User> {
  tx.end(memberRef(group, users.idOf(user)));
  return withGroups(tx, user, user.value.groups.filter((name) => name !== group));
}

function withGroups(tx: Transaction, user: Present<User>, names: string[]): Present<User> {
  users.replace(tx, user, { groups: names });
  return { ...user, value: { ...user.value, groups: names } };
}
