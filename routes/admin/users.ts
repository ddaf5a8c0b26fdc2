import { z } from "zod";
import * as providers from "../../stores/provider.ts";
import { idOf, type User } from "../../stores/users.ts";
import { listUserSessions } from "./sessions.ts";
import { changeUser, passwordHashing, userSchema } from "../../src/admin/user_changes.ts";
import { noticesOfUpdate } from "../../src/admin/user_notices.ts";
import { removeUserPasskey, userPasskeys } from "../../src/admin/user_passkeys.ts";
import { createUser, endUserSessions, findUser, removeUserTotp } from "../../src/admin/users.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { deleteUser } from "../../src/logout/deletion.ts";
import { validEntry } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { done } from "./http/answer.ts";
import { answered, answeredByQuery, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import { pageParameters, type PageQuery, pageQuery, wholeList } from "./http/paging.ts";
import { assertMatch } from "./http/preconditions.ts";
import { Problem } from "../http/problem.ts";
import { actOnRecord, createRecord, type UpdateKind, updateRecord } from "./http/record_changes.ts";
import { existing, pageOfRecords, reading } from "./http/records.ts";
import { shownPasskey, shownUser, shownUsers, wantedUser } from "./user_representation.ts";

/** Users, with their sessions, passkeys and authenticator apps. */
export function userRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/users", answeredByQuery(deps, userQuery, list))
    .post("/users", answered(deps, create))
    .get("/users/:id", answered(deps, reading(shownUsers)))
    .put("/users/:id", answered(deps, updating("replace")))
    .patch("/users/:id", answered(deps, updating("merge")))
    .delete("/users/:id", answered(deps, remove))
    .post("/users/:id/suspend", answered(deps, settingStatus("suspended")))
    .post("/users/:id/activate", answered(deps, settingStatus("active")))
    .get("/users/:id/sessions", answeredByQuery(deps, pageQuery, listUserSessions))
    .delete("/users/:id/sessions", answered(deps, endSessions))
    .get("/users/:id/passkeys", answeredByQuery(deps, pageQuery, listPasskeys))
    .delete("/users/:id/passkeys/:passkey_id", (c) => {
      const passkeyId = c.req.param("passkey_id");
      return answered(deps, removingPasskey(passkeyId))(c);
    })
    .delete("/users/:id/totp", answered(deps, removeTotp));
}

const userQuery = z.strictObject({ ...pageParameters, username: z.string().optional() });

/** All users, or the one with a `username` in any of its spellings. */
const list: Endpoint<z.infer<typeof userQuery>> = async (deps, request) => {
  const { page, users, provider } = await request.step(async (tx, { query }) => {
    const { username, ...page } = query;
    const provider = providers.fetched(tx);
    if (username === undefined) return { page, users: null, provider };
    if (Object.keys(page).length > 0) {
      throw new Problem("invalid_request", "username finds one user: send it alone");
    }
    const user = await findUser(tx, username);
    return { page, users: user === null ? [] : [user], provider };
  });
  if (users === null) return await pageOfRecords(deps, shownUsers, page, provider);
  return wholeList({}, users.map((user) => shownUsers.show(user, idOf(user), provider)));
};

const create: Endpoint = (deps, request) => {
  const hashed = passwordHashing(deps);
  return createRecord(deps, request, shownUsers, async (tx, body) => {
    const { userId, user } = await createUser(deps, tx, validEntry(userSchema, body), hashed);
    return shownUser(userId, user);
  });
};

/** Changes a user. A mail tells them of a new password or address. */
function updating(kind: UpdateKind): Endpoint {
  return async (deps, request, id) => {
    const hashed = passwordHashing(deps);
    const how = { id, kind };
    const written = await updateRecord(deps, request, shownUsers, how, async (tx, user, wanted) => {
      const after = await changeUser(deps, tx, user, wantedUser(id, wanted), hashed);
      await noticesOfUpdate(deps, tx, user, after);
      return shownUser(id, after);
    });
    deps.mailWakeUp.wake();
    return written;
  };
}

/** Suspends a user, which ends all their sessions and grants, or lets them sign in again. */
function settingStatus(status: User["status"]): Endpoint {
  return (deps, request, id) =>
    actOnRecord(deps, request, shownUsers, id, async (tx, user) => {
      const custom = { custom_claims: user.value.customClaims };
      return shownUser(id, await changeUser(deps, tx, user, { ...user.value, ...custom, status }));
    });
}

/** Deletes a user, with everything that is stored about them. */
const remove: Endpoint = async (deps, request, id) => {
  const at = shownUsers.refOf(id);
  // This step checks the caller, before anything about the user is listed.
  const seen = await request.step((tx) => existing(tx, shownUsers.name, at));
  await deleteUser(deps, seen, (removal) =>
    request.step(async (tx) => {
      const user = await existing(tx, shownUsers.name, at);
      assertMatch(request, user);
      await removal(tx, user);
      return true;
    }));
  return done;
};

const endSessions: Endpoint = async (_deps, request, id) => {
  await request.step(async (tx) => {
    endUserSessions(tx, await existing(tx, shownUsers.name, shownUsers.refOf(id)));
  });
  return done;
};

const listPasskeys: Endpoint<PageQuery> = (_deps, request, id) =>
  request.step(async (tx, { query }) => {
    const user = await existing(tx, shownUsers.name, shownUsers.refOf(id));
    const found = await userPasskeys(tx, user);
    return wholeList(query, found.map(shownPasskey));
  });

function removingPasskey(passkeyId: string): Endpoint {
  return async (deps, request, id) => {
    await request.step(async (tx) => {
      const user = await existing(tx, shownUsers.name, shownUsers.refOf(id));
      await removeUserPasskey(deps, tx, user, passkeyId);
    });
    deps.mailWakeUp.wake();
    return done;
  };
}

const removeTotp: Endpoint = async (deps, request, id) => {
  await request.step(async (tx) => {
    const user = await existing(tx, shownUsers.name, shownUsers.refOf(id));
    await removeUserTotp(deps, tx, user);
  });
  deps.mailWakeUp.wake();
  return done;
};
