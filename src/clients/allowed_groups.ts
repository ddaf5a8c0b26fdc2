import type { Client } from "../../stores/clients.ts";
import type { User } from "../../stores/users.ts";

/** Whether a user may use a client: anybody if it names no groups, else the present members of one. */
export function mayUse({ allowedGroups }: Client, { groups }: User): boolean {
  return allowedGroups === null || allowedGroups.some((group) => groups.includes(group));
}
