import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Caller } from "../callers/caller.ts";
import { subjectOfClient } from "../claims/subject.ts";
import { mayUse } from "../clients/allowed_groups.ts";
import type { Deps } from "../deps/deps.ts";
import { isListedItself } from "../grantable/resources.ts";
import { OAuthError, type RefusalReason } from "../protocol/errors.ts";
import { noteClient } from "../protocol/refusals.ts";
import { holds } from "../tokens/confirmation.ts";
import type { ExchangeableToken } from "./presented_token.ts";

/** How many may act for a subject, one for the other. */
const mostActors = 4;
/** How many exchanges may lead from one token to another. */
const mostAncestors = 5;

/**
 * Whether the client may exchange the token: it is its own, or for an audience that the client may act
 * for. One that is bound to a key needs a proof of that key.
 *
 * @returns the token
 * @throws {OAuthError} `invalid_request`, whatever the reason
 */
export async function assertMayPresent(
  { config }: Deps,
  tx: Transaction,
  caller: Caller,
  subject: ExchangeableToken | null,
): Promise<ExchangeableToken> {
  const { client } = caller;
  noteClient(client.clientId); // and not the client of the token
  if (subject === null) throw refusedSubject("subject_token_unknown");
  const isOwn = subject.client.clientId === client.clientId;
  const audience = subject.resource ?? config.issuer;
  const isForIts = subject.kind === "access_token" &&
    await isListedItself(tx, audience, client.tokenExchange?.subjectAudiences ?? []);
  if (subject.user !== null && !mayUse(client, subject.user.value)) {
    throw refusedSubject("subject_token_not_allowed");
  }
  if (!isOwn && !isForIts) throw refusedSubject("subject_token_not_allowed");
  if (!holds(caller, subject.confirmation)) {
    throw refusedSubject("key_wrong");
  }
  return subject;
}

/**
 * Whether the client shows a token of its own: another client's would name an actor who knows of nothing.
 *
 * @throws {OAuthError} `invalid_request`
 */
export function assertActor(
  caller: Caller,
  actor: ExchangeableToken | null,
): asserts actor is ExchangeableToken {
  const isGood = actor !== null && actor.client.clientId === caller.client.clientId &&
    actor.actors.length === 0 && holds(caller, actor.confirmation);
  if (!isGood) throw refusedActor();
}

/**
 * Those who act for the subject, the newest first. A client that exchanges a token of its own acts as
 * before.
 *
 * @throws {OAuthError} `invalid_request`
 * @see RFC 8693 sections 4.1 and 4.4
 */
export function actorsOf(
  { client }: Caller,
  subject: ExchangeableToken,
  actor: ExchangeableToken | null,
): string[] {
  if (actor === null && subject.client.clientId === client.clientId) return [...subject.actors];
  const own = subjectOfClient(client.clientId);
  const acting = actor?.subject ?? own;
  const { mayAct } = subject.client;
  if (mayAct !== null && acting !== subjectOfClient(mayAct)) throw refusedActor();
  if (actor === null && client.tokenExchange?.impersonation) return [...subject.actors];
  if (subject.actors.length >= mostActors) {
    throw new OAuthError("invalid_request", `at most ${mostActors} may act one for the other`);
  }
  return [acting, ...subject.actors];
}

/**
 * The tokens whose end is the end of the new one. Each use reads them all, so they are few.
 *
 * @throws {OAuthError} `invalid_request`
 */
export function ancestorsOf({ lineage }: ExchangeableToken): string[] {
  if (lineage.length <= mostAncestors) return [...lineage];
  throw new OAuthError(
    "invalid_request",
    `subject_token came of ${mostAncestors} exchanges: exchange an earlier one`,
  );
}

/** One answer for all reasons, so that a client cannot learn whether a token of another client is valid. */
function refusedSubject(reason: RefusalReason): OAuthError {
  return new OAuthError(
    "invalid_request",
    "subject_token is unknown, has ended, is bound to another key, or is not for this client",
    { reason },
  );
}

function refusedActor(): OAuthError {
  return new OAuthError(
    "invalid_request",
    "actor_token is not a token of this client that may act for the subject",
    { reason: "actor_token_wrong" },
  );
}
