import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as groupMembers from "../../stores/group_members.ts";
import * as users from "../../stores/users.ts";
import type { Endpoint } from "./http/endpoints.ts";
import { pageOf, type PageQuery } from "./http/paging.ts";
import { existing } from "./http/records.ts";
import { shownGroups } from "./group_representation.ts";

/** Lists the users of a group, one page at a time, in no order that means anything. */
export const listGroupMembers: Endpoint<PageQuery> = async (deps, request, name) => {
  const query = await request.step(async (tx, { query }) => {
    await existing(tx, shownGroups.name, shownGroups.refOf(name));
    return query;
  });
  return await pageOf(deps, `members of ${name}`, query, async (page) => {
    const options = { collection: groupMembers.byGroup, prefix: [name], ...page };
    const { entries, cursor } = await deps.kv.list(options);
    const refs = entries.map((entry) => users.ref(groupMembers.userIdOf(entry)));
    const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
    const items = entries.flatMap((entry, n) => {
      const user = found[n];
      if (user === undefined || !isPresent(user)) return []; // deleted since
      const { username, status } = user.value;
      return [{ id: users.idOf(user), username, status, since: entry.value.since }];
    });
    return { items, position: cursor };
  });
};
