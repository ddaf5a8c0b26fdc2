import type { AuditEvent } from "../../stores/audit_events.ts";
import type { Challenge, ChallengeType } from "../../stores/challenges.ts";
import type { InitialAccessToken } from "../../stores/initial_access_tokens.ts";
import type { Invitation } from "../../stores/invitations.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import type { Polled } from "../../stores/polled.ts";
import type { TotpEnrolment } from "../../stores/totp_enrolments.ts";
import type { User } from "../../stores/users.ts";
import { type Change, isUsedAssertion } from "./actions.ts";

/**
 * Whether a commit that takes a proof of who somebody is, or of what they may, also uses that proof up.
 *
 * @returns what is wrong, as sentences
 */
export function unprovenIn(changes: readonly Change[]): string[] {
  const problems = changes.flatMap((change) => {
    if (change.family !== "audit_events" || change.before !== undefined) return [];
    const event = change.after as AuditEvent;
    if (event.outcome !== "success") return [];
    if (/^(signed_in|first_factor_passed)$/.test(event.type)) return unusedFactors(changes, event);
    const isPaidFor = prices[event.type];
    return isPaidFor === undefined || isPaidFor(changes, event)
      ? []
      : [`${event.type}, and the same commit does not use up what it takes`];
  });
  return [...problems, ...changes.flatMap(backwards), ...changes.flatMap(untold)];
}

/** Whoever ends sessions leaves a record for those who tell their clients, in the same commit. */
function untold(change: Change, _: number, changes: readonly Change[]): string[] {
  const { family, id: [id = ""], before, after } = change;
  const leaves = (wanted: string) =>
    changes.some(({ family, id: [about], after }) =>
      family === wanted && about === id && after !== undefined
    );
  if (family === "sessions" && before !== undefined && after === undefined) {
    return leaves("session_ends") ? [] : ["a session ended, and nobody will tell its clients"];
  }
  const [from, to] = usersOf(change);
  if (from === undefined || to === undefined) return [];
  const isRaised = to.epoch > from.epoch || to.sessionEpoch > from.sessionEpoch;
  return isRaised && !leaves("session_sweeps")
    ? ["an epoch rose, and nobody will look for the sessions that it ended"]
    : [];
}

type Price = (changes: readonly Change[], event: AuditEvent) => boolean;

/** The records that a commit with an event of this type must use up or change. */
const prices: Readonly<Record<string, Price>> = {
  assertion_exchanged: (changes) => changes.some(isUsedAssertion),
  user_created: (changes) => spends(changes, "sign_up") || changes.some(isSpentInvitation),
  backchannel_allowed: (changes) => changes.some(isAnswered),
  backchannel_denied: (changes) => changes.some(isAnswered),
  auth_req_id_exchanged: (changes) => changes.some(isSpentAnswer),
  device_allowed: (changes) => changes.some(isAnswered),
  device_denied: (changes) => changes.some(isAnswered),
  device_code_exchanged: (changes) => changes.some(isSpentAnswer),
  client_registered: (changes) => changes.some(isSpentInitialAccessToken),
  invitation_accepted: (changes) => changes.some(isSpentInvitation),
  passkey_added: (changes, { reason }) =>
    (spends(changes, "passkey_registration") || spends(changes, "passkey_of_newcomer")) &&
    (reason !== "password_reset" || isStartedAnew(changes)),
  password_reset: isStartedAnew,
  password_removed: isStartedAnew,
  address_changed: (changes) => spends(changes, "address_change"),
  totp_added: (changes) => changes.some(isSpentEnrolment),
};

function unusedFactors(changes: readonly Change[], { reason }: AuditEvent): string[] {
  const all = (reason ?? "").split(" ");
  const second = all.filter((amr) => amr === "otp" || amr === "recovery_code");
  // The first of two factors was used up when it was shown.
  return (second.length > 0 ? second : all).flatMap((amr) => unused(changes, amr));
}

function unused(changes: readonly Change[], amr: string): string[] {
  const uses: Readonly<Record<string, (change: Change) => boolean>> = {
    email: isSpentMail,
    otp: isLaterStep,
    recovery_code: isFewerCodes,
  };
  if (amr === "hwk" || amr === "swk") {
    const isUsed = spends(changes, "passkey_authentication") && changes.some(isHigherCount);
    return isUsed ? [] : ["somebody signed in by a passkey without its challenge or its counter"];
  }
  const isUse = uses[amr];
  return isUse === undefined || changes.some(isUse)
    ? []
    : [`somebody signed in by ${amr}, which the same commit does not use up`];
}

function isSpentMail(change: Change): boolean {
  const { type = "session_token" } = (change.before as Partial<Challenge> | undefined) ?? {};
  return ["magic_link", "email_code", "sign_up"].includes(type) && isSpent(change);
}

function spends(changes: readonly Change[], type: ChallengeType): boolean {
  return changes.some((change) => isSpent(change) && (change.before as Challenge).type === type);
}

function isSpent({ family, before, after }: Change): boolean {
  if (family !== "challenges") return false;
  const [from, to] = [before as Challenge | undefined, after as Challenge | undefined];
  if (from === undefined || to === undefined || to.spentBy === null) return false;
  // One whose answer reached nobody is good once more.
  return from.spentBy === null || (from.undelivered && from.spentBy !== to.spentBy);
}

function isSpentInvitation({ family, before, after }: Change): boolean {
  if (family !== "invitations") return false;
  const [from, to] = [before as Invitation | undefined, after as Invitation | undefined];
  return from?.spentBy === null && to !== undefined && to.spentBy !== null;
}

function isSpentInitialAccessToken({ family, before, after }: Change): boolean {
  if (family !== "initial_access_tokens") return false;
  const [from, to] = [
    before as InitialAccessToken | undefined,
    after as InitialAccessToken | undefined,
  ];
  if (from === undefined || to === undefined || from.spentBy !== null) return false;
  return to.uses === from.uses + 1 && (to.spentBy !== null) === (to.uses === to.mostUses);
}

const polledFamilies = ["backchannel_requests", "device_authorizations"];

function isAnswered({ family, before, after }: Change): boolean {
  if (!polledFamilies.includes(family)) return false;
  const [from, to] = [before, after] as (Polled | undefined)[];
  return from?.answer === null && to !== undefined && to.answer !== null;
}

function isSpentAnswer({ family, before, after }: Change): boolean {
  if (!polledFamilies.includes(family)) return false;
  const [from, to] = [before, after] as (Polled | undefined)[];
  if (from?.answer !== "allowed" || to === undefined || to.spentBy === null) return false;
  return from.spentBy === null || (from.undelivered && from.spentBy !== to.spentBy);
}

function isSpentEnrolment({ family, before, after }: Change): boolean {
  if (family !== "totp_enrolments") return false;
  const [from, to] = [before as TotpEnrolment | undefined, after as TotpEnrolment | undefined];
  return from?.spentBy === null && to !== undefined && to.spentBy !== null &&
    to.sealedSecret === "";
}

/** A link is spent, and nothing of the person's that was there before is alive. */
function isStartedAnew(changes: readonly Change[]): boolean {
  return spends(changes, "password_reset") && changes.some((change) => {
    const [from, to] = usersOf(change);
    if (from === undefined || to === undefined) return false;
    return to.epoch > from.epoch && to.sessionEpoch > from.sessionEpoch;
  });
}

/** A counter may stay where it is only if the answer to the same challenge has reached nobody. */
function isHigherCount({ family, before, after }: Change, _: number, changes: readonly Change[]) {
  if (family !== "passkeys") return false;
  const [from, to] = [before as Passkey | undefined, after as Passkey | undefined];
  if (from === undefined || to === undefined) return false;
  if (to.counter > from.counter) return true;
  return to.counter === from.counter &&
    changes.some((change) => isSpent(change) && (change.before as Challenge).undelivered);
}

function isLaterStep(change: Change): boolean {
  const [from, to] = usersOf(change);
  return (to?.totp?.lastStep ?? 0) > (from?.totp?.lastStep ?? 0);
}

function isFewerCodes(change: Change): boolean {
  const [from, to] = usersOf(change);
  return from !== undefined && codesOf(to).length === codesOf(from).length - 1;
}

/** A used record never becomes valid again. */
function backwards(change: Change): string[] {
  if (change.family === "passkeys" && change.before !== undefined && change.after !== undefined) {
    const [before, after] = [change.before as Passkey, change.after as Passkey];
    if (after.counter < before.counter) return ["the counter of a passkey went back"];
  }
  const [from, to] = usersOf(change);
  if (from === undefined || to === undefined) return [];
  const problems: string[] = [];
  if ((to.totp?.lastStep ?? 0) < (from.totp?.lastStep ?? 0)) {
    problems.push("an earlier step of an authenticator app is good again");
  }
  if (to.epoch < from.epoch || to.sessionEpoch < from.sessionEpoch) {
    problems.push("what a reset has ended is alive again");
  }
  if (codesOf(to).some((code) => !codesOf(from).includes(code))) {
    problems.push("a recovery code that was used is good again");
  }
  return problems;
}

function codesOf(user: User | undefined): readonly string[] {
  return user?.recoveryCodes?.digests ?? [];
}

function usersOf({ family, before, after }: Change): [User | undefined, User | undefined] {
  if (family !== "users") return [undefined, undefined];
  return [before as User | undefined, after as User | undefined];
}
