import type { Client } from "../../stores/clients.ts";
import type { User } from "../../stores/users.ts";

/** Whether a user may use a client: everybody may, or who is in one of its groups at this moment. */
export function mayUse({ allowedGroups }: Client, { groups }: User): boolean {
  return allowedGroups === null || allowedGroups.some((group) => groups.includes(group));
}
