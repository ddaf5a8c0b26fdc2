import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as groupMembers from "../../stores/group_members.ts";
import * as groups from "../../stores/groups.ts";
import type { Group } from "../../stores/groups.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { groupSchema } from "../identifiers/group.ts";
import { invalidMember, type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { Conflict } from "./errors.ts";

/** @returns the new record @throws {InvalidEntry} @throws {Conflict} if the name is taken */
export async function createGroup(tx: Transaction, written: JsonObject): Promise<Group> {
  const { group, description } = validEntry(groupSchema, written);
  const { entry } = await tx.read({ entry: groups.ref(group) });
  if (entry.value !== null) throw new Conflict("there is such a group");
  auditEvents.append(tx, { type: "group_created", about: group });
  return groups.create(tx, group, description);
}

/** Changes the description. @returns the record as it will be @throws {InvalidEntry} */
export function updateGroup(tx: Transaction, entry: Present<Group>, written: JsonObject): Group {
  const { group: name } = entry.value;
  const given = validEntry(groupSchema, { group: name, ...written });
  if (given.group !== name) {
    throw invalidMember("group", "cannot change, because applications know the group by it");
  }
  auditEvents.append(tx, { type: "group_updated", about: name });
  return groups.describe(tx, entry, given.description);
}

/** Does nothing if the user is in the group. @throws {Conflict} */
export function addGroupMember(tx: Transaction, group: Present<Group>, user: Present<User>): void {
  const { group: name, deletingSince } = group.value;
  if (user.value.groups.includes(name)) return;
  if (deletingSince !== null) throw new Conflict("the group is being deleted");
  if (user.value.groups.length >= groups.mostGroups) {
    throw new Conflict(`the user is in ${groups.mostGroups} groups already`);
  }
  groups.addMember(tx, group, user);
  auditEvents.append(tx, { type: "group_member_added", about: name, userId: users.idOf(user) });
}

/**
 * Takes a user out of a group. Where only the index has them, as after a release that does not know of
 * groups has written their record, the entry goes without an event.
 */
export function removeGroupMember(tx: Transaction, group: string, user: Present<User>): void {
  if (!user.value.groups.includes(group)) {
    tx.end(groupMembers.memberRef(group, users.idOf(user)));
    return;
  }
  groups.removeMember(tx, group, user);
  auditEvents.append(tx, { type: "group_member_removed", about: group, userId: users.idOf(user) });
}

/** Beside the group and what shows who the caller is, a step may check so many more. */
const membersPerCommit = 3;

/**
 * Deletes a group: first it takes no more members, then its members leave it in several commits, at last
 * it is gone. If this is interrupted, the group stays, `deleting`, and can be deleted again.
 *
 * @param seen checks, in each step, that the caller may still do this, and reads the group
 * @param list reads a page of the members, unchecked
 */
export async function deleteGroup(
  seen: <T>(work: (tx: Transaction, group: Present<Group>) => T | Promise<T>) => Promise<T>,
  list: (limit: number) => Promise<readonly Present<groupMembers.GroupMember>[]>,
): Promise<void> {
  await seen((tx, group) => groups.beginRemoval(tx, group));
  for (;;) {
    const members = (await list(membersPerCommit)).map(groupMembers.userIdOf);
    await seen(async (tx, group) => {
      if (members.length > 0) return await removeMembers(tx, group.value.group, members);
      groups.remove(tx, group);
      auditEvents.append(tx, { type: "group_deleted", about: group.value.group });
    });
    if (members.length === 0) return;
  }
}

async function removeMembers(tx: Transaction, group: string, userIds: readonly string[]) {
  const refs = userIds.map((userId) => [userId, users.ref(userId)] as const);
  const found = await tx.read(Object.fromEntries(refs));
  for (const userId of userIds) {
    const user = found[userId];
    if (user !== undefined && isPresent(user)) removeGroupMember(tx, group, user);
    // A user who was deleted at this moment left the entry's deletion to that commit.
    else tx.end(groupMembers.memberRef(group, userId));
  }
}
