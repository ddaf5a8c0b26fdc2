import { deletePerson } from "../logout/deletion.ts";
import type { Deps } from "../deps/deps.ts";
import { type AdminRequest, type Answer, done } from "./admin_request.ts";
import { administratorSteps } from "./administrator.ts";
import { assertMatch } from "./preconditions.ts";
import { existing } from "./records.ts";
import { shown, userRef } from "./user_representation.ts";

/** Deletes a person, with all that is stored about them. */
export async function deleteUser(
  deps: Deps,
  request: AdminRequest,
  userId: string,
): Promise<Answer> {
  const step = await administratorSteps(deps, request);
  // Before anything is listed: a list is for those who may delete.
  const seen = await step((tx) => existing(tx, shown, userRef(userId)));
  await deletePerson(deps, seen, (remove) =>
    step(async (tx) => {
      const user = await existing(tx, shown, userRef(userId));
      assertMatch(request, user);
      await remove(tx, user);
      return true;
    }));
  return done;
}
