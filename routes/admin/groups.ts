import * as groupMembers from "../../stores/group_members.ts";
import {
  addGroupMember,
  createGroup,
  deleteGroup,
  removeGroupMember,
  updateGroup,
} from "../../src/admin/groups.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { done } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageQuery } from "./http/paging.ts";
import { assertMatch } from "./http/preconditions.ts";
import { createRecord, type UpdateKind, updateRecord } from "./http/record_changes.ts";
import { existing, listing, reading } from "./http/records.ts";
import { listGroupMembers } from "./group_members.ts";
import { shownGroup, shownGroups } from "./group_representation.ts";
import { shownUsers } from "./user_representation.ts";

/** Groups, and who is in them. In a path, the id of a group is its name, percent-encoded. */
export function groupRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/groups", answeredByQuery(deps, pageQuery, listing(shownGroups)))
    .post("/groups", answered(deps, create))
    .get("/groups/:id", answered(deps, reading(shownGroups)))
    .put("/groups/:id", answered(deps, updating("replace")))
    .patch("/groups/:id", answered(deps, updating("merge")))
    .delete("/groups/:id", answered(deps, remove))
    .get("/groups/:id/members", answeredByQuery(deps, pageQuery, listGroupMembers))
    .put("/groups/:id/members/:user_id", (c) => {
      return answered(deps, adding(c.req.param("user_id")))(c);
    })
    .delete("/groups/:id/members/:user_id", (c) => {
      return answered(deps, removing(c.req.param("user_id")))(c);
    });
}

const create: Endpoint = (deps, request) =>
  createRecord(
    deps,
    request,
    shownGroups,
    async (tx, body) => shownGroup(await createGroup(tx, body)),
  );

function updating(kind: UpdateKind): Endpoint {
  return (deps, request, id) =>
    updateRecord(
      deps,
      request,
      shownGroups,
      { id, kind },
      (tx, entry, written) => shownGroup(updateGroup(tx, entry, written)),
    );
}

const remove: Endpoint = async (deps, request, name) => {
  const at = shownGroups.refOf(name);
  await request.step(async (tx) => assertMatch(request, await existing(tx, shownGroups.name, at)));
  await deleteGroup(
    (work) => request.step(async (tx) => await work(tx, await existing(tx, shownGroups.name, at))),
    async (limit) => {
      const options = { collection: groupMembers.byGroup, prefix: [name], limit, asOf: 0 };
      return (await deps.kv.list(options)).entries;
    },
  );
  return done;
};

function adding(userId: string): Endpoint {
  return async (_deps, request, name) => {
    const [group, user] = [shownGroups.refOf(name), shownUsers.refOf(userId)];
    await request.step(async (tx) => {
      addGroupMember(
        tx,
        await existing(tx, shownGroups.name, group),
        await existing(tx, shownUsers.name, user),
      );
    }, (tx) => tx.prefetch([group, user]));
    return done;
  };
}

function removing(userId: string): Endpoint {
  return async (_deps, request, name) => {
    const [group, user] = [shownGroups.refOf(name), shownUsers.refOf(userId)];
    await request.step(async (tx) => {
      await existing(tx, shownGroups.name, group);
      removeGroupMember(tx, name, await existing(tx, shownUsers.name, user));
    }, (tx) => tx.prefetch([group, user]));
    return done;
  };
}
