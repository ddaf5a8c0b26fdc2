import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as userNames from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import { newUser } from "../authn/new_accounts/new_account.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { once } from "./idempotency.ts";
import { jsonBody, merged, validated } from "./json_body.ts";
import { assertMatch, assertMatchIfGiven } from "./preconditions.ts";
import { notFound, Problem } from "./problem.ts";
import { existing, listRecords, readRecord, withEtag } from "./records.ts";
import {
  assertNameIsFree,
  assertOwnName,
  changeUser,
  mustBeChanged,
  passwordHashing,
} from "./user_changes.ts";
import { noticeOfAdministrator, noticesOfUpdate } from "./user_notices.ts";
import { shown, shownAs, userRef, userSchema, wantedUser } from "./user_representation.ts";

export function readUser(deps: Deps, request: AdminRequest, userId: string): Promise<Answer> {
  return readRecord(deps, request, shown, userRef(userId));
}

/** All people, or the one whom a `username` names in any of its spellings. */
export async function listUsers(deps: Deps, request: AdminRequest): Promise<Answer> {
  const { username, ...others } = request.query;
  if (typeof username !== "string") return await listRecords(deps, request, shown);
  return await asAdministrator(deps, request, async (tx) => {
    if (Object.keys(others).length > 0) {
      throw new Problem("invalid_request", "username finds one person: send it alone");
    }
    const { name } = await tx.read({ name: userNames.usernameRef(username) });
    const userId = userNames.ownerOfName(name, username);
    const { user } = await tx.read({ user: userId === null ? null : users.ref(userId) });
    const found = user !== null && isPresent(user) ? [shown.show(user)] : [];
    return answer({ items: found, next_cursor: null });
  });
}

/** @throws {Problem} 409 if the name or the verified mail address is somebody else's */
export async function createUser(deps: Deps, request: AdminRequest): Promise<Answer> {
  const hashed = passwordHashing(deps);
  const created = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const { password, status, ...account } = validated(userSchema, jsonBody(request));
        assertOwnName(account);
        await assertNameIsFree(tx, account.username, null);
        // Only now, as a hash is work that nobody but an administrator may ask for.
        const passwordHash = password === undefined ? null : await hashed(password, account);
        const mustChangePassword = passwordHash !== null && mustBeChanged(deps);
        const fields = { ...account, passwordHash, mustChangePassword };
        const user = { ...newUser(fields, tx.now), status };
        const userId = randomId(tx.random);
        users.create(tx, userId, user);
        auditEvents.append(tx, { type: "user_created", userId });
        return answer(shownAs(userId, user), { Location: `/api/v1/users/${userId}` }, 201);
      }),
  );
  return await withEtag(deps, shown, users.ref(String(created.body?.id)), created);
}

/**
 * Makes a person what the body says, and tells them by mail of another password or address.
 *
 * @param how whether the body is all of the person, or what is to change
 */
export async function updateUser(
  deps: Deps,
  request: AdminRequest,
  userId: string,
  how: "replace" | "merge",
): Promise<Answer> {
  const hashed = passwordHashing(deps);
  const written = await asAdministrator(deps, request, async (tx) => {
    const user = await existing(tx, shown, userRef(userId));
    assertMatch(request, user);
    const body = jsonBody(request);
    const wanted = wantedUser(userId, how === "merge" ? merged(shown.show(user), body) : body);
    const after = await changeUser(deps, tx, user, wanted, hashed);
    await noticesOfUpdate(deps, tx, user, after);
    return answer(shownAs(userId, after));
  });
  deps.mailBell.ring();
  return await withEtag(deps, shown, users.ref(userId), written);
}

/** Suspends a person, which ends all that they have, or lets them sign in again. */
export async function setUserStatus(
  deps: Deps,
  request: AdminRequest,
  userId: string,
  status: users.User["status"],
): Promise<Answer> {
  const written = await asAdministrator(
    deps,
    request,
    (tx, caller) =>
      once(deps, tx, request, caller, async () => {
        const user = await existing(tx, shown, userRef(userId));
        assertMatchIfGiven(request, user);
        return answer(shownAs(userId, await changeUser(deps, tx, user, { ...user.value, status })));
      }),
  );
  return await withEtag(deps, shown, users.ref(userId), written);
}

/** Signs a person out everywhere: one write, however many sessions they have. */
export async function endUserSessions(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const user = await existing(tx, shown, userRef(userId));
    users.replace(tx, user, { sessionEpoch: user.value.sessionEpoch + 1 });
    auditEvents.append(tx, { type: "sessions_ended", reason: "admin", userId });
  });
  return done;
}

/**
 * Removes a person's authenticator app, for who has lost it and the recovery codes too. They sign in
 * with what else they have from then on, and are told by mail.
 */
export async function removeUserTotp(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const user = await existing(tx, shown, userRef(userId));
    if (user.value.totp === null) throw notFound("authenticator app");
    users.replace(tx, user, { totp: null });
    auditEvents.append(tx, { type: "totp_removed", reason: "admin", userId });
    await noticeOfAdministrator(deps, tx, user, "authenticator_app_off");
  });
  deps.mailBell.ring();
  return done;
}
