import type { AuditEvent } from "../../stores/audit_events.ts";
import type { Challenge } from "../../stores/challenges.ts";
import type { User } from "../../stores/users.ts";
import type { Change } from "./actions.ts";

/**
 * Whether a commit that takes a proof of who somebody is also uses that proof up.
 *
 * @returns what is wrong, as sentences
 */
export function unprovenIn(changes: readonly Change[]): string[] {
  const problems = changes.flatMap((change) => {
    if (change.family !== "audit_events" || change.before !== undefined) return [];
    const { type, reason, outcome } = change.after as AuditEvent;
    if (outcome !== "success" || !/^(signed_in|first_factor_passed)$/.test(type)) return [];
    return (reason ?? "").split(" ").length === 1
      ? unused(changes, reason ?? "")
      // The first of two factors was used up when it was shown.
      : (reason ?? "").split(" ").filter((amr) => amr !== "email").flatMap((amr) =>
        unused(changes, amr)
      );
  });
  return [...problems, ...changes.flatMap(backwards)];
}

function unused(changes: readonly Change[], amr: string): string[] {
  const uses: Readonly<Record<string, (change: Change) => boolean>> = {
    email: isSpentMail,
    otp: isLaterStep,
    recovery_code: isFewerCodes,
  };
  const isUse = uses[amr];
  return isUse === undefined || changes.some(isUse)
    ? []
    : [`somebody signed in by ${amr}, which the same commit does not use up`];
}

function isSpentMail({ family, before, after }: Change): boolean {
  if (family !== "challenges") return false;
  const [from, to] = [before as Challenge | undefined, after as Challenge | undefined];
  if (from === undefined || to === undefined || to.spentBy === null) return false;
  // One whose answer reached nobody is good once more.
  return from.spentBy === null || (from.undelivered && from.spentBy !== to.spentBy);
}

function isLaterStep(change: Change): boolean {
  const [from, to] = usersOf(change);
  return (to?.totp?.lastStep ?? 0) > (from?.totp?.lastStep ?? 0);
}

function isFewerCodes(change: Change): boolean {
  const [from, to] = usersOf(change);
  return from !== undefined && codesOf(to).length === codesOf(from).length - 1;
}

/** What was used never comes back. */
function backwards(change: Change): string[] {
  const [from, to] = usersOf(change);
  if (from === undefined || to === undefined) return [];
  const problems: string[] = [];
  if ((to.totp?.lastStep ?? 0) < (from.totp?.lastStep ?? 0)) {
    problems.push("an earlier step of an authenticator app is good again");
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
