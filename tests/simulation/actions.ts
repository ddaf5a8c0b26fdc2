import type { AccessToken } from "../../stores/access_tokens.ts";
import type { AuditEventType } from "../../stores/audit_events.ts";
import type { AuthorizationCode } from "../../stores/authorization_codes.ts";
import type { Challenge } from "../../stores/challenges.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Interaction } from "../../stores/interactions.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";

/** What a commit did to one record. Undefined: there was, or there is, none. */
export interface Change {
  readonly family: string;
  readonly id: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/** Something that was done, told from the records that changed and not from what anybody says of it. */
export interface Action {
  /** The audit event that must go with it. */
  readonly type: AuditEventType;
  /** Whom or what the event names. */
  readonly subject: string;
}

/** What a commit has done, by all that it changed. */
export function actionsOf(changes: readonly Change[]): Action[] {
  return changes.flatMap((change) => {
    const done = readers[change.family]?.(change, changes);
    return done ?? [];
  });
}

type Reader = (change: Change, beside: readonly Change[]) => Action | null;

const readers: Readonly<Record<string, Reader>> = {
  grants: reader<Grant>(({ id, before, after }) => {
    if (before === undefined && after?.userId === null) return action("token_issued", id[0]);
    return after === undefined && before !== undefined ? action("grant_ended", id[0]) : null;
  }),
  sessions: reader<Session>(({ id, before, after }) => {
    if (after === undefined) return before === undefined ? null : action("session_ended", id[0]);
    // A session that only goes on longer keeps its secret.
    return after.secretDigest === before?.secretDigest ? null : action("signed_in", id[0]);
  }),
  authorization_codes: reader<AuthorizationCode>(({ before, after }, beside) => {
    if (after === undefined) return null;
    if (before === undefined) {
      const isReplacement = beside.some(({ family, after }) =>
        family === "authorization_codes" && after === undefined
      );
      return action(isReplacement ? "code_replaced" : "code_issued", after.grantId);
    }
    if (after.spentBy === null) return null;
    return after.spentBy === before?.spentBy ? null : action("code_exchanged", after.grantId);
  }),
  refresh_token_families: reader<RefreshTokenFamily>(({ id, before, after }, beside) => {
    if (before === undefined || after === undefined || isExchange(beside)) return null;
    // Only the mark of an answer that reached nobody is no use of it.
    return after.undelivered ? null : action("refresh_token_used", id[0]);
  }),
  access_tokens: reader<AccessToken>(({ before, after }, beside) => {
    if (before === undefined || after !== undefined || isExchange(beside)) return null;
    return action("token_revoked", before.grantId);
  }),
  pushed_requests: reader<PushedRequest>(({ before, after }) => {
    const isNew = before === undefined && after?.spentBy === null;
    return isNew ? action("request_pushed", after.clientId) : null;
  }),
  interactions: reader<Interaction>(({ before, after }) => {
    // Nothing else is written while somebody is half signed in.
    if (after?.firstFactor && after.spentBy === before?.spentBy) {
      return action("first_factor_passed", after.firstFactor.userId);
    }
    const isDenied = after?.spentBy === "access_denied" && before?.spentBy !== "access_denied";
    return isDenied ? action("consent_denied", after.clientId ?? undefined) : null;
  }),
  challenges: reader<Challenge>(({ before, after }, beside) => {
    if (after !== undefined && after.type !== "session_token") {
      // A code that a link was turned into is no other request.
      if (before !== undefined || beside.some(isSpentLink)) return null;
      return action("mail_sign_in_requested", after.userId ?? undefined);
    }
    const sessionId = after?.sessionId ?? undefined;
    if (before === undefined) return action("session_token_issued", sessionId);
    const isUse = after !== undefined && after.spentBy !== before.spentBy;
    return isUse ? action("session_token_used", sessionId) : null;
  }),
  users: reader<User>(({ id, before, after }) => {
    const withdrawn = after?.withdrawals.at(-1);
    if (withdrawn && withdrawn.id !== before?.withdrawals.at(-1)?.id) {
      return action("application_withdrawn", `${id[0]} ${withdrawn.clientId}`);
    }
    const left = (user: User | undefined) => user?.recoveryCodes?.digests.length ?? 0;
    return left(after) < left(before) ? action("recovery_code_used", id[0]) : null;
  }),
  consents: reader<unknown>(({ id, after }) =>
    after === undefined ? null : action("consent_given", id.join(" "))
  ),
};

function isSpentLink({ family, before, after }: Change): boolean {
  if (family !== "challenges") return false;
  const [from, to] = [before as Challenge | undefined, after as Challenge | undefined];
  return from?.type === "magic_link" && from.spentBy !== to?.spentBy;
}

/** A code's exchange, which takes back what an earlier one gave, if that reached nobody. */
function isExchange(changes: readonly Change[]): boolean {
  return changes.some(({ family }) => family === "authorization_codes");
}

/** The types whose events and actions must be each other's mirror image. */
export const mirroredTypes: ReadonlySet<string> = new Set<AuditEventType>([
  "token_issued",
  "code_issued",
  "code_replaced",
  "grant_ended",
  "session_ended",
  "signed_in",
  "code_exchanged",
  "refresh_token_used",
  "token_revoked",
  "session_token_issued",
  "session_token_used",
  "request_pushed",
  "consent_denied",
  "consent_given",
  "application_withdrawn",
  "first_factor_passed",
  "mail_sign_in_requested",
  "recovery_code_used",
]);

interface ChangeOf<T> extends Change {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

function reader<T>(read: (change: ChangeOf<T>, beside: readonly Change[]) => Action | null) {
  return (change: Change, beside: readonly Change[]) => read(change as ChangeOf<T>, beside);
}

function action(type: AuditEventType, subject: string | undefined): Action {
  return { type, subject: subject ?? "" };
}
