import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as groupMembers from "../../stores/group_members.ts";
import * as users from "../../stores/users.ts";
import { answer } from "./http/answer.ts";
import type { QueryEndpoint } from "./http/endpoints.ts";
import { cursorAt, from, listQuery, parseQuery, positionOf } from "./http/paging.ts";
import { existing } from "./http/records.ts";
import { asAdministrator } from "./http/steps.ts";
import { shownGroups } from "./group_representation.ts";

/** Lists the users of a group, one page at a time, in no order that means anything. */
export const listGroupMembers: QueryEndpoint = async (deps, request, name) => {
  const at = shownGroups.refOf(name);
  await asAdministrator(deps, request, (tx) => existing(tx, shownGroups.name, at));
  const { limit, cursor } = parseQuery(listQuery, request);
  const list = `members of ${name}`;
  const position = await positionOf(deps, list, cursor);
  const options = { collection: groupMembers.byGroup, prefix: [name], limit, ...from(position) };
  const page = await deps.kv.list(options);
  const refs = page.entries.map((entry) => users.ref(groupMembers.userIdOf(entry)));
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  return answer({
    items: page.entries.flatMap((entry, n) => {
      const user = found[n];
      if (user === undefined || !isPresent(user)) return []; // deleted since
      const { username, status } = user.value;
      return [{ id: users.idOf(user), username, status, since: entry.value.since }];
    }),
    next_cursor: await cursorAt(deps, list, page.cursor),
  });
};
