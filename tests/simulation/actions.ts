import type { AccessToken } from "../../stores/access_tokens.ts";
import type { AuditEventType } from "../../stores/audit_event_types.ts";
import type { AuthorizationCode } from "../../stores/authorization_codes.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import type { Challenge, ChallengeType } from "../../stores/challenges.ts";
import type { DeviceAuthorization } from "../../stores/device_authorizations.ts";
import type { Grant } from "../../stores/grants.ts";
import type { Interaction } from "../../stores/interactions.ts";
import type { Invitation } from "../../stores/invitations.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import type { RefreshTokenFamily } from "../../stores/refresh_token_families.ts";
import type { Session } from "../../stores/sessions.ts";
import type { User } from "../../stores/users.ts";

/** The change of one record by a commit. Undefined: the record did not exist before, or does not exist after. */
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
  /** The subject of the event. */
  readonly subject: string;
}

/** The actions of a commit, derived from all of its changes. */
export function actionsOf(changes: readonly Change[]): Action[] {
  return changes.flatMap((change) => {
    return readers[change.family]?.(change, changes) ?? [];
  });
}

type Done = Action | readonly Action[] | null;
type Reader = (change: Change, beside: readonly Change[]) => Done;

const readers: Readonly<Record<string, Reader>> = {
  grants: reader<Grant>(({ id, before, after }, beside) => {
    if (before === undefined && beside.some(isUsedAssertion)) {
      return action("assertion_exchanged", id[0]);
    }
    if (before === undefined && after?.userId === null) return action("token_issued", id[0]);
    // Two may end the same grant: the second one deletes what is not there.
    if (before === undefined && after !== undefined && isInFront(beside)) {
      return action("front_channel_issued", id[0]);
    }
    return after === undefined && before !== undefined ? action("grant_ended", id[0]) : null;
  }),
  sessions: reader<Session>(({ id, before, after }, beside) => {
    // One that an epoch has ended is swept up without an event of its own: see `isSweep`.
    if (after === undefined) {
      return before === undefined || isSweep(beside) ? null : action("session_ended", id[0]);
    }
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
    if (before === undefined && after?.exchange) return action("token_exchanged", after.grantId);
    if (before === undefined || after !== undefined || isExchange(beside)) return null;
    return action("token_revoked", before.grantId);
  }),
  pushed_requests: reader<PushedRequest>(({ before, after }) => {
    const isNew = before === undefined && after?.spentBy === null;
    return isNew ? action("request_pushed", after.clientId) : null;
  }),
  interactions: reader<Interaction>(({ before, after }, beside) => {
    // Nothing else is written while somebody is half signed in; another tab may have come to a code since.
    if (after?.firstFactor && after.spentBy === before?.spentBy && !isExchange(beside)) {
      return action("first_factor_passed", after.firstFactor.userId);
    }
    const isDenied = after?.spentBy === "access_denied" && before?.spentBy !== "access_denied";
    if (!isDenied || after.request.kind !== "authorization") return null;
    return action("consent_denied", after.request.clientId);
  }),
  challenges: reader<Challenge>(({ before, after }, beside) => {
    const type = (after ?? before)?.type ?? "session_token";
    if (type === "magic_link" && isTurnedIntoCode(after)) {
      const isTurned = after?.spentBy !== before?.spentBy;
      return isTurned ? action("magic_link_turned_into_code", after?.userId ?? undefined) : null;
    }
    if (type !== "session_token") {
      const requested = requests[type];
      // A code that a link was turned into is no other request.
      if (after === undefined || before !== undefined || beside.some(isSpentLink)) return null;
      return requested === undefined ? null : action(requested, after.userId ?? undefined);
    }
    const sessionId = after?.sessionId ?? undefined;
    if (before === undefined) return action("session_token_issued", sessionId);
    const isUse = after !== undefined && after.spentBy !== before.spentBy;
    return isUse ? action("session_token_used", sessionId) : null;
  }),
  users: reader<User>(({ id: [userId = ""], before, after }) => {
    if (after === undefined) return null;
    if (before === undefined) return action("user_created", userId);
    const withdrawn = after.withdrawals.at(-1);
    const isWithdrawal = withdrawn && withdrawn.id !== before.withdrawals.at(-1)?.id;
    const left = (user: User) => user.recoveryCodes?.digests.length ?? 0;
    const hasNewPassword = after.passwordHash !== before.passwordHash;
    return [
      ...isWithdrawal ? [action("application_withdrawn", `${userId} ${withdrawn.clientId}`)] : [],
      ...left(after) < left(before) ? [action("recovery_code_used", userId)] : [],
      ...hasNewPassword
        ? [action(after.passwordHash === null ? "password_removed" : "password_reset", userId)]
        : [],
      ...after.claims.email !== before.claims.email ? [action("address_changed", userId)] : [],
      ...after.totp !== null && before.totp === null ? [action("totp_added", userId)] : [],
    ];
  }),
  passkeys: reader<Passkey>(({ id: [passkeyId], before, after }, beside) => {
    if (after === undefined) return null;
    if (before === undefined) return action("passkey_added", passkeyId);
    // A sign-in changes more than this. A passkey that is refused as a copy does not sign in.
    const isUse = beside.some(({ family }) => family === "sessions" || family === "interactions");
    return isUse ? null : action("passkey_copied", passkeyId);
  }),
  invitations: reader<Invitation>(({ id: [invitationId], before, after }) => {
    if (before === undefined) return action("invitation_created", invitationId);
    const isUse = after !== undefined && after.spentBy !== before.spentBy;
    return isUse ? action("invitation_accepted", invitationId) : null;
  }),
  backchannel_requests: reader<BackchannelRequest>(({ before, after }) => {
    if (after === undefined) return null;
    if (before === undefined) return action("backchannel_requested", after.clientId);
    if (after.answer !== before.answer) {
      return after.answer === "allowed"
        ? action("backchannel_allowed", after.grantId)
        : action("backchannel_denied", after.clientId);
    }
    const isSpent = after.spentBy !== null && after.spentBy !== before.spentBy;
    return isSpent ? action("auth_req_id_exchanged", after.grantId) : null;
  }),
  device_authorizations: reader<DeviceAuthorization>(({ before, after }) => {
    if (after === undefined) return null;
    if (before === undefined) return action("device_requested", after.clientId);
    if (after.answer !== before.answer) {
      return after.answer === "allowed"
        ? action("device_allowed", after.grantId)
        : action("device_denied", after.clientId);
    }
    const isSpent = after.spentBy !== null && after.spentBy !== before.spentBy;
    return isSpent ? action("device_code_exchanged", after.grantId) : null;
  }),
  consents: reader<unknown>(({ id, after }) =>
    after === undefined ? null : action("consent_given", id.join(" "))
  ),
};

/** The audit events that create a challenge. */
const requests: Partial<Readonly<Record<ChallengeType, AuditEventType>>> = {
  magic_link: "mail_sign_in_requested",
  email_code: "mail_sign_in_requested",
  sign_up: "sign_up_requested",
  address_change: "address_change_requested",
  password_reset: "password_reset_requested",
};

/** What another server says of a user, which is used once. */
export function isUsedAssertion({ family, before, after }: Change): boolean {
  return family === "assertion_jtis" && before === undefined && after !== undefined;
}

/** A grant that comes with a token, or with nothing that a client could get tokens for. */
function isInFront(changes: readonly Change[]): boolean {
  const isNew = (name: string) =>
    changes.some(({ family, before, after }) =>
      family === name && before === undefined && after !== undefined
    );
  if (isNew("access_tokens")) return true;
  const awaited = ["backchannel_requests", "device_authorizations"];
  return !isNew("authorization_codes") && !changes.some(({ family }) => awaited.includes(family));
}

function isSpentLink({ family, before, after }: Change): boolean {
  if (family !== "challenges") return false;
  const [from, to] = [before as Challenge | undefined, after as Challenge | undefined];
  return from?.type === "magic_link" && from.spentBy !== to?.spentBy;
}

function isTurnedIntoCode(challenge: Challenge | undefined): boolean {
  return challenge?.spentBy?.startsWith("code:") ?? false;
}

/** A commit that removes what is not valid any more: it does nothing else. */
export function isSweep(changes: readonly Change[]): boolean {
  const families = ["sessions", "sessions_by_user", "session_ends", "step_markers"];
  return changes.every(({ family }) => families.includes(family));
}

/** A code's exchange, which takes back what an earlier one gave, if that reached nobody. */
function isExchange(changes: readonly Change[]): boolean {
  return changes.some(({ family }) =>
    ["authorization_codes", "backchannel_requests", "device_authorizations"].includes(family)
  );
}

/** The types whose events and actions must be each other's mirror image. */
export const mirroredTypes: ReadonlySet<string> = new Set<AuditEventType>([
  "assertion_exchanged",
  "token_exchanged",
  "token_issued",
  "front_channel_issued",
  "code_issued",
  "code_replaced",
  "grant_ended",
  "session_ended",
  "signed_in",
  "auth_req_id_exchanged",
  "backchannel_allowed",
  "backchannel_denied",
  "backchannel_requested",
  "code_exchanged",
  "device_allowed",
  "device_code_exchanged",
  "device_denied",
  "device_requested",
  "refresh_token_used",
  "token_revoked",
  "session_token_issued",
  "session_token_used",
  "request_pushed",
  "consent_denied",
  "consent_given",
  "application_withdrawn",
  "first_factor_passed",
  "magic_link_turned_into_code",
  "mail_sign_in_requested",
  "recovery_code_used",
  "sign_up_requested",
  "address_change_requested",
  "password_reset_requested",
  "user_created",
  "password_reset",
  "password_removed",
  "address_changed",
  "totp_added",
  "passkey_added",
  "passkey_copied",
  "invitation_created",
  "invitation_accepted",
]);

interface ChangeOf<T> extends Change {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

function reader<T>(read: (change: ChangeOf<T>, beside: readonly Change[]) => Done) {
  return (change: Change, beside: readonly Change[]) => read(change as ChangeOf<T>, beside);
}

function action(type: AuditEventType, subject: string | undefined): Action {
  return { type, subject: subject ?? "" };
}
