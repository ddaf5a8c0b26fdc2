import * as auditEvents from "../../stores/audit_events.ts";
import type { Ref } from "../../stores/collection.ts";
import * as consents from "../../stores/consents.ts";
import * as grants from "../../stores/grants.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import * as sessions from "../../stores/sessions.ts";
import { systemOrigin } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../deps.ts";
import { type AdminRequest, type Answer, done } from "./admin_request.ts";
import { administratorSteps } from "./administrator.ts";
import { assertMatch } from "./preconditions.ts";
import { existing } from "./records.ts";
import { shown, userRef } from "./user_representation.ts";

/** Of each family; each record and its index entries: 3 x 100 mutations at most, of 1,000. */
const mostAtOnce = 100;

/**
 * Deletes a person: their record, what they are found by, and what is known of their sessions, grants
 * and consents. Without the record all of that is dead, so what is more than fits into one commit is
 * swept up after it; and no audit event tells anything personal any more, for its key is gone.
 */
export async function deleteUser(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  // Before anything is listed: a list is for those who may delete.
  await step((tx) => existing(tx, shown, userRef(userId)));
  const belongings = await belongingsOf(deps, userId);
  await step(async (tx) => {
    const user = await existing(tx, shown, userRef(userId));
    assertMatch(request, user);
    users.remove(tx, user);
    belongings.forEach((ref) => tx.end(ref));
    auditEvents.append(tx, { type: "user_deleted", userId });
  });
  await sweepUp(deps, userId);
  return done;
}

/** Takes what did not fit into the commit, or came while it was made; all of it is dead already. */
async function sweepUp(deps: Deps, userId: string) {
  for (;;) {
    const rest = await belongingsOf(deps, userId);
    if (rest.length === 0) return;
    await deps.kv.step(systemOrigin, (tx) => rest.forEach((ref) => tx.end(ref)));
  }
}

async function belongingsOf(deps: Deps, userId: string): Promise<Ref<unknown>[]> {
  const page = { prefix: [userId], limit: mostAtOnce };
  const [sessionEntries, grantEntries, consentEntries] = await Promise.all([
    deps.kv.list({ collection: sessions.byUser, ...page }),
    deps.kv.list({ collection: grants.byUser, ...page }),
    deps.kv.list({ collection: consents.all, ...page }),
  ]);
  return [
    ...sessionEntries.entries.flatMap(({ ref }) => [ref, sessions.ref(String(ref.key[2]))]),
    ...grantEntries.entries.flatMap(({ ref }) => {
      const grantId = String(ref.key[2]);
      return [ref, grants.ref(grantId), refreshTokenFamilies.ref(grantId)];
    }),
    ...consentEntries.entries.map(({ ref }) => ref),
  ];
}
