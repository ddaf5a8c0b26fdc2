import * as groups from "../../stores/groups.ts";
import type { Group } from "../../stores/groups.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Shown } from "./http/records.ts";

export const shownGroups: Shown<Group> = {
  name: "group",
  path: "/api/v1/groups",
  idMember: "group",
  collection: groups.all,
  readOnly: ["deleting", "created_at", "updated_at"],
  refOf: (name) => name.length > 64 ? null : groups.ref(name),
  show: ({ value }) => shownGroup(value),
};

export function shownGroup(group: Group): JsonObject {
  return {
    group: group.group,
    description: group.description,
    deleting: group.deletingSince !== null,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
  };
}
