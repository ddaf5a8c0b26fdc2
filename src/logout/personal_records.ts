import * as auditEvents from "../../stores/audit_events.ts";
import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import * as challenges from "../../stores/challenges.ts";
import * as deviceAuthorizations from "../../stores/device_authorizations.ts";
import type { Present, Ref } from "../../stores/engine/collection.ts";
import { eachEntry } from "../../stores/engine/each_entry.ts";
import * as consents from "../../stores/consents.ts";
import * as grants from "../../stores/grants.ts";
import * as interactions from "../../stores/interactions.ts";
import * as invitations from "../../stores/invitations.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import * as sessions from "../../stores/sessions.ts";
import * as totpEnrolments from "../../stores/totp_enrolments.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { digestNow } from "../crypto/digest.ts";
import type { Deps } from "../deps/deps.ts";
import { isAddressLike, normalName } from "../identifiers/username.ts";

/**
 * How many one commit can remove. Of its 999 mutations, the user's own record and event take a few, and
 * each session, which is three of these records, takes one more for its end.
 */
export const recordsPerCommit = 700;

/** A user, for finding the records that no index finds. */
export interface Named {
  readonly userId: string;
  /** Digests of the username and the address, in the spelling of a key. */
  readonly names: ReadonlySet<string>;
}

/**
 * A username that is a mail address is not used to find records: it may be another user's address, and the
 * deletion must not remove that user's links.
 */
export function named(user: Present<User>): Named {
  const { username, claims } = user.value;
  const names = [isAddressLike(username) ? null : username, users.verifiedEmail(claims)];
  return {
    userId: users.idOf(user),
    names: new Set(names.map(nameDigest).filter((digest) => digest !== null)),
  };
}

/** Null: it is not a name. */
function nameDigest(name: unknown): string | null {
  const normal = typeof name === "string" ? normalName(name) : "";
  return normal === "" ? null : digestNow(normal);
}

/**
 * Finds what is stored about a user beside their own record. First come the records that an index finds,
 * then the short-lived ones, for which whole families are read. The reads are not checked: without the
 * user's record all these records are invalid.
 *
 * @param most the search ends before it has more than this
 */
export async function personalRecords(
  deps: Deps,
  person: Named,
  most: number,
): Promise<Ref<unknown>[]> {
  const found: Ref<unknown>[] = [];
  for (const part of [...indexed(deps, person.userId), ...scanned(deps, person)]) {
    for await (const refs of part) {
      if (found.length + refs.length > most) return found;
      found.push(...refs);
    }
  }
  return found;
}

type Part = AsyncGenerator<readonly Ref<unknown>[]>;

function indexed(deps: Deps, userId: string): Part[] {
  return [
    // Records with network addresses and devices come first.
    mapped(
      eachEntry(deps, sessions.byUser, userId),
      ({ ref }) => {
        const sessionId = String(ref.key[2]);
        return [ref, sessions.ref(sessionId), totpEnrolments.ref(sessionId)];
      },
    ),
    mapped(eachEntry(deps, consents.all, userId), ({ ref }) => [ref]),
    mapped(eachEntry(deps, grants.byUser, userId), ({ ref }) => {
      const grantId = String(ref.key[2]);
      return [ref, grants.ref(grantId), refreshTokenFamilies.ref(grantId)];
    }),
    mapped(
      eachEntry(deps, backchannelRequests.byUser, userId),
      ({ ref, value }) => [ref, backchannelRequests.refOf(value.digest)],
    ),
    mapped(eachEntry(deps, auditEvents.byUser, userId), ({ ref }) => [ref]),
  ];
}

function scanned(deps: Deps, { userId, names }: Named): Part[] {
  const isNamed = (name: unknown) => names.has(nameDigest(name) ?? "");
  return [
    mapped(
      eachEntry(deps, challenges.all),
      ({ ref, value }) => value.userId === userId || isNamed(value.address) ? [ref] : [],
    ),
    // A request may name a user in a hint, or remember the user of a first factor. A pairwise subject in a
    // hint names nobody, and its request ends soon.
    mapped(
      eachEntry(deps, interactions.all),
      ({ ref, value }) =>
        value.firstFactor?.userId === userId ||
          (value.request.kind === "authorization" &&
            value.request.hintedSubject === userId) ||
          (value.request.kind !== "own_page" && isNamed(value.request.parameters.login_hint))
          ? [ref]
          : [],
    ),
    mapped(
      eachEntry(deps, deviceAuthorizations.all),
      ({ ref, value }) => isNamed(value.parameters.login_hint) ? [ref] : [],
    ),
    mapped(
      eachEntry(deps, pushedRequests.all),
      ({ ref, value }) => isNamed(value.parameters.login_hint) ? [ref] : [],
    ),
    mapped(
      eachEntry(deps, invitations.all),
      ({ ref, value }) => value.spentBy === userId || isNamed(value.email) ? [ref] : [],
    ),
    mapped(
      eachEntry(deps, mailOutbox.all),
      (mail) =>
        mail.value.userId === userId
          ? [mail.ref, mailOutbox.dueRef(mailOutbox.idOf(mail), mail.value.nextAttemptAt)]
          : [],
    ),
  ];
}

async function* mapped<T>(
  entries: AsyncGenerator<Present<T>>,
  refsOf: (entry: Present<T>) => readonly Ref<unknown>[],
): Part {
  for await (const entry of entries) yield refsOf(entry);
}
