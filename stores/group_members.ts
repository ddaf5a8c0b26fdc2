import { z } from "zod";
import { type Collection, collection, type Present, type Ref } from "./engine/collection.ts";

const schema = z.object({ since: z.int() });
/** That a user is in a group: it finds a group's members. The user's own record says the same. */
export type GroupMember = z.infer<typeof schema>;
const members = collection({ family: "group_members", version: 1, schema });

/** Keyed by the group, then by the user. */
export const byGroup: Collection<GroupMember> = members;

export function memberRef(group: string, userId: string): Ref<GroupMember> {
  return members.ref(group, userId);
}

export function userIdOf(member: Present<GroupMember>): string {
  return String(member.ref.key[2]);
}
