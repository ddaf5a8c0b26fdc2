import * as grants from "../../stores/grants.ts";
import { type Entry, isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { OAuthError } from "../protocol/errors.ts";
import { noteUser } from "../protocol/refusals.ts";
import { readIdTokenHint } from "../tokens/id_token_hint.ts";

/** The ways to name a user. A request has exactly one. @see CIBA Core section 7.1 */
export interface Hints {
  readonly login_hint?: string | undefined;
  readonly login_hint_token?: string | undefined;
  readonly id_token_hint?: string | undefined;
}

/** @throws {OAuthError} `invalid_request` unless there is exactly one, of a kind that this server reads */
export function assertOneHint(hints: Hints) {
  const { login_hint, login_hint_token, id_token_hint } = hints;
  const given = [login_hint, login_hint_token, id_token_hint].filter((hint) => hint !== undefined);
  if (given.length !== 1) {
    throw new OAuthError(
      "invalid_request",
      "send exactly one of login_hint, login_hint_token and id_token_hint",
    );
  }
  // No specification says what is in it, so it needs an agreement with whoever makes it.
  if (login_hint_token !== undefined) {
    throw new OAuthError("invalid_request", "login_hint_token is not accepted: send login_hint");
  }
}

/**
 * The id of the user whom a client means; null: nobody. An ID token counts only for the client that it was
 * issued to, and however old it is. Its pairwise subject leads to nobody: then its grant does, as long as
 * there is one. It is looked up before the step of the request, whose checks are few.
 */
export async function hintedUserId(
  deps: Deps,
  clientId: string,
  { login_hint: typed, id_token_hint: idToken }: Hints,
): Promise<string | null> {
  if (idToken !== undefined) {
    const hint = await readIdTokenHint(deps, idToken);
    if (hint === null || !hint.isTrusted || hint.clientId !== clientId) return null;
    return await userOfGrant(deps, hint.grantId) ?? hint.subject;
  }
  if (typed === undefined) return null;
  return await deps.kv.step(systemOrigin, async (tx) => {
    return ownerOfIdentifier(await tx.read(identifierRefs(typed)), typed);
  });
}

async function userOfGrant(deps: Deps, grantId: string | null): Promise<string | null> {
  if (grantId === null) return null;
  const at = grants.ref(grantId);
  const { grant } = await deps.kv.step(systemOrigin, (tx) => tx.read({ grant: at }));
  return grant.value?.userId ?? null;
}

/**
 * The error for a user who cannot be asked: one answer, whoever it is. The trace that it leaves says whether
 * they are suspended.
 */
export function nobodyMeant(user: Entry<User>): OAuthError {
  const isSuspended = isPresent(user) && user.value.status === "suspended";
  if (isSuspended) noteUser(users.idOf(user));
  return new OAuthError("unknown_user_id", "the hint names nobody who can use this client", {
    reason: isSuspended ? "hinted_user_suspended" : "hinted_user_unknown",
  });
}
