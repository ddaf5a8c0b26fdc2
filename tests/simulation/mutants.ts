import type { AuditEvent } from "../../stores/audit_events.ts";
import type { AuthorizationCode } from "../../stores/authorization_codes.ts";
import type { BackchannelRequest } from "../../stores/backchannel_requests.ts";
import type { Challenge } from "../../stores/challenges.ts";
import type { CommitBatch, KvMutation } from "../../stores/engine/kv.ts";
import type { Passkey } from "../../stores/passkeys.ts";
import type { Polled } from "../../stores/polled.ts";
import {
  acceptingThePrevious,
  batches,
  believingRefusals,
  codes,
  derivingForever,
  families,
  forgettingCounters,
  forgettingThePass,
  keeping,
  keepingTheFirstToken,
  leavingEntriesOut,
  losingSharedEvents,
  mutations,
  passkeys,
  recordIn,
  rememberingTooLong,
  requestCountsWith,
  type Sabotage,
  spendingMailApart,
  splitCommits,
  unspent,
  withoutChecks,
  withoutDetails,
  withoutEnds,
  withoutVoiding,
} from "./sabotage.ts";

/** A way to break the provider, at the seam between it and its store. */
export interface Mutant {
  /** The fault, as a sentence. */
  readonly name: string;
  /** What the simulation must say of it: a part of a finding. */
  readonly finding: string;
  readonly sabotage: Sabotage;
}

export const mutants: readonly Mutant[] = [
  {
    name: "a step commits without its checks",
    finding: "was spent twice",
    sabotage: batches(withoutChecks),
  },
  {
    name: "a step does not check the refresh token family that it rotates",
    finding: "a refresh token gave tokens",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "refresh_token_families"),
      mutations,
    })),
  },
  {
    name: "a step does not check the interaction that it finishes",
    finding: "an interaction gave grants",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "interactions"),
      mutations,
    })),
  },
  {
    name: "a commit is split in two",
    finding: "which the same commit does not use up",
    sabotage: splitCommits,
  },
  {
    name: "a refused commit is always taken for a conflict",
    finding: "nobody gave a reason to end the grant",
    sabotage: believingRefusals,
  },
  {
    name: "a commit that threw is done again, and not voided before",
    finding: "nobody gave a reason to end the grant",
    sabotage: withoutVoiding,
  },
  {
    name: "an exchange leaves no tombstone of its code",
    finding: "an audit event of what was not done: code_exchanged",
    sabotage: mutations((mutation) =>
      recordIn<AuthorizationCode>(mutation, codes)?.spentBy == null
    ),
  },
  {
    name: "a result that was not delivered is not marked",
    finding: "nobody gave a reason to end the grant",
    sabotage: mutations((mutation) =>
      recordIn<{ undelivered: boolean }>(mutation, [...codes, ...families])?.undelivered !== true
    ),
  },
  {
    name: "a lease of requests is not stored",
    finding: "requests passed a limit",
    sabotage: requestCountsWith((count) => ({ ...count, leases: [] })),
  },
  {
    name: "a step does not check the count of requests that it changes",
    finding: "requests passed a limit",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "request_counts"),
      mutations,
    })),
  },
  {
    name: "what was read is remembered after it has changed",
    finding: "an honest use was refused",
    sabotage: rememberingTooLong,
  },
  {
    name: "what was derived is remembered after its records have changed",
    finding: "a token opened something after its end",
    sabotage: derivingForever,
  },
  {
    name: "an event that shares its entry is lost",
    finding: "an event is not in the trail",
    sabotage: losingSharedEvents,
  },
  {
    name: "a page of the trail that begins within an entry leaves out its rest",
    finding: "what follows",
    sabotage: leavingEntriesOut,
  },
  {
    name: "a code that comes back ends nothing",
    finding: "an honest use was refused",
    sabotage: withoutEnds("code_replayed"),
  },
  {
    name: "a refresh token that comes back ends nothing",
    finding: "a replay was refused and the grant lives on",
    sabotage: withoutEnds("reuse_detected"),
  },
  {
    name: "a refresh takes the token before the newest",
    finding: "a refresh token gave tokens",
    sabotage: acceptingThePrevious,
  },
  {
    name: "a refresh leaves no audit event",
    finding: "done without an audit event: refresh_token_used",
    sabotage: mutations((mutation) =>
      recordIn<AuditEvent>(mutation, ["audit_events"])?.type !== "refresh_token_used"
    ),
  },
  {
    name: "a token exchange leaves no audit event",
    finding: "done without an audit event: token_exchanged",
    sabotage: mutations((mutation) =>
      recordIn<AuditEvent>(mutation, ["audit_events"])?.type !== "token_exchanged"
    ),
  },
  {
    name: "tokens in a redirect leave no audit event",
    finding: "done without an audit event: front_channel_issued",
    sabotage: mutations((mutation) =>
      recordIn<AuditEvent>(mutation, ["audit_events"])?.type !== "front_channel_issued"
    ),
  },
  {
    name: "a page that gave tokens in a redirect is not used up",
    finding: "a page gave tokens twice",
    sabotage: batches((batch) =>
      isIn(batch, "access_tokens") && isIn(batch, "grants") ? without(batch, "interactions") : batch
    ),
  },
  {
    name: "an ID token in a redirect does not note the client of its session",
    finding: "shop was not told of the end of a session",
    sabotage: batches((batch) =>
      isIn(batch, "grants")
        ? { ...batch, mutations: batch.mutations.filter(({ key }) => key[0] !== "session_clients") }
        : batch
    ),
  },
  {
    name: "the clients of a session that the browser tells are not found",
    finding: "no frame tells phone of the end of a session",
    sabotage: (backend) => ({
      ...backend,
      async list(selector, options) {
        const page = await backend.list(selector, options);
        const isTold = ({ key }: { readonly key: Deno.KvKey }) => key.at(-1) !== "phone";
        return { ...page, entries: page.entries.filter(isTold) };
      },
    }),
  },
  {
    name: "a seal forgets that its pass is not complete",
    finding: "was inserted",
    sabotage: forgettingThePass,
  },
  {
    name: "the leaves of a seal are not stored",
    finding: "the leaves of seal 1 were changed",
    sabotage: mutations(({ key }) => key[0] !== "audit_leaves"),
  },
  {
    name: "a session that has ended stays in its index",
    finding: "leads nowhere: sessions_by_user",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "sessions_by_user"),
  },
  {
    name: "a grant that has ended keeps its refresh token family",
    finding: "leads nowhere: refresh_token_families",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "refresh_token_families"),
  },
  {
    name: "a pushed request is not spent",
    finding: "a request_uri gave grants",
    sabotage: mutations((mutation) =>
      recordIn<{ spentBy: string | null }>(mutation, ["pushed_requests"])?.spentBy == null
    ),
  },
  {
    name: "a device code is not spent",
    finding: "device_code_exchanged, and the same commit does not use up",
    sabotage: mutations((mutation) =>
      recordIn<Polled>(mutation, ["device_authorizations"])?.spentBy == null
    ),
  },
  {
    name: "a grant is stored without its authorization details",
    finding: "a token has other details than it should",
    sabotage: withoutDetails,
  },
  {
    name: "an auth_req_id is not spent",
    finding: "auth_req_id_exchanged, and the same commit does not use up",
    sabotage: mutations((mutation) =>
      recordIn<Polled>(mutation, ["backchannel_requests"])?.spentBy == null
    ),
  },
  {
    name: "a step does not check the request that it answers",
    finding: "backchannel_allowed, and the same commit does not use up",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) =>
        key[0] !== "backchannel_requests" && key[0] !== "backchannel_requests_by_user"
      ),
      mutations,
    })),
  },
  {
    name: "a step does not check the device that it answers",
    finding: "was spent twice",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "device_authorizations"),
      mutations,
    })),
  },
  {
    name: "a proof is not remembered",
    finding: "times: proof",
    sabotage: mutations(({ key }) => key[0] !== "dpop_jtis"),
  },
  {
    name: "a client's assertion is not remembered",
    finding: "times: assertion",
    sabotage: mutations(({ key }) => key[0] !== "client_assertion_jtis"),
  },
  {
    name: "a request object is not remembered",
    finding: "times: request_object",
    sabotage: mutations(({ key }) => key[0] !== "request_object_jtis"),
  },
  {
    name: "what another server says of a user is not remembered",
    finding: "times: assertion of",
    sabotage: mutations(({ key }) => key[0] !== "assertion_jtis"),
  },
  {
    name: "a link or a code by mail is not spent",
    finding: "somebody signed in by email, which the same commit does not use up",
    sabotage: mutations((mutation) => {
      const challenge = recordIn<Challenge>(mutation, ["challenges"]);
      return challenge === undefined || challenge.type === "session_token" ||
        challenge.spentBy === null;
    }),
  },
  {
    name: "a session token is not spent",
    finding: "an audit event of what was not done: session_token_used",
    sabotage: unspent("session_token"),
  },
  {
    name: "a link or a code by mail is spent in a commit of its own",
    finding: "address_changed, and the same commit does not use up",
    sabotage: spendingMailApart,
  },
  {
    name: "a step does not check the passkey whose counter it compares",
    finding: "somebody signed in by a passkey without its challenge or its counter",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "passkeys"),
      mutations,
    })),
  },
  {
    name: "the counter of a passkey is not compared",
    finding: "somebody signed in by a passkey without its challenge or its counter",
    sabotage: forgettingCounters,
  },
  {
    name: "the counter of a passkey is not set",
    finding: "somebody signed in by a passkey without its challenge or its counter",
    sabotage: mutations((mutation) => (recordIn<Passkey>(mutation, passkeys)?.counter ?? 0) === 0),
  },
  {
    name: "the challenge of a passkey is not spent",
    finding: "somebody signed in by a passkey without its challenge or its counter",
    sabotage: unspent("passkey_authentication"),
  },
  {
    name: "the challenge of a user's new passkey is not spent",
    finding: "passkey_added, and the same commit does not use up",
    sabotage: unspent("passkey_registration"),
  },
  {
    name: "the challenge of a new account's passkey is not spent",
    finding: "passkey_added, and the same commit does not use up",
    sabotage: unspent("passkey_of_newcomer"),
  },
  {
    name: "a sign-up link is not spent",
    finding: "user_created, and the same commit does not use up",
    sabotage: unspent("sign_up"),
  },
  {
    name: "a reset link is not spent",
    finding: "password_reset, and the same commit does not use up",
    sabotage: unspent("password_reset"),
  },
  {
    name: "a link to a new address is not spent",
    finding: "address_changed, and the same commit does not use up",
    sabotage: unspent("address_change"),
  },
  {
    name: "an initial access token is not spent",
    finding: "client_registered, and the same commit does not use up",
    sabotage: mutations((mutation) =>
      recordIn<{ spentBy: string | null }>(mutation, ["initial_access_tokens"])?.spentBy == null
    ),
  },
  {
    name: "a use of an initial access token is not counted",
    finding: "times: initial_access_token",
    sabotage: mutations((mutation) => {
      const token = recordIn<{ uses: number; spentBy: string | null }>(mutation, [
        "initial_access_tokens",
      ]);
      return token === undefined || token.uses === 0 || token.spentBy !== null;
    }),
  },
  {
    name: "the first token of a registration stays good",
    finding: "the token of a registration that was replaced twice is good",
    sabotage: keepingTheFirstToken,
  },
  {
    name: "an invitation is not spent",
    finding: "invitation_accepted, and the same commit does not use up",
    sabotage: mutations((mutation) =>
      recordIn<{ spentBy: string | null }>(mutation, ["invitations"])?.spentBy == null
    ),
  },
  {
    name: "the key of an authenticator app is not spent",
    finding: "totp_added, and the same commit does not use up",
    sabotage: mutations((mutation) =>
      recordIn<{ spentBy: string | null }>(mutation, ["totp_enrolments"])?.spentBy == null
    ),
  },
  {
    name: "a reset ends no sessions and no grants",
    finding: "a session outlives a reset",
    sabotage: keeping(({ epoch, sessionEpoch }) => ({ epoch, sessionEpoch })),
  },
  {
    name: "a reset leaves the old password",
    finding: "the new password of",
    sabotage: keeping(({ passwordHash }) => ({ passwordHash })),
  },
  {
    name: "a change of address leaves the old one in its index",
    finding: "leads to what is elsewhere: users_by_address",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "users_by_address"),
  },
  {
    name: "a passkey is missing from its user's list",
    finding: "a passkey of erin does not sign in",
    sabotage: keeping((user) => ({ passkeys: user.passkeys })),
  },
  {
    name: "a used recovery code stays valid",
    finding: "somebody signed in by recovery_code, which the same commit does not use up",
    sabotage: keeping(({ recoveryCodes }) => ({ recoveryCodes })),
  },
  {
    name: "the step of an authenticator app is not remembered",
    finding: "somebody signed in by otp, which the same commit does not use up",
    sabotage: keeping(({ totp }) => ({ totp })),
  },
  {
    name: "a step does not check the user whose second factor it accepts",
    finding: "somebody signed in by recovery_code, which the same commit does not use up",
    sabotage: batches(({ checks, mutations }) => ({
      checks: checks.filter(({ key }) => key[0] !== "users" && key[0] !== "interactions"),
      mutations,
    })),
  },
  {
    name: "withdrawing access ends only the consent",
    finding: "an audit event of what was not done: application_withdrawn",
    sabotage: keeping(({ withdrawals }) => ({ withdrawals })),
  },
  {
    name: "the end of a session leaves nothing for those who tell its clients",
    finding: "a session ended, and nobody will tell its clients",
    sabotage: mutations(({ key }) => key[0] !== "session_ends"),
  },
  {
    name: "an epoch leaves nothing for those who tell the clients of its sessions",
    finding: "an epoch rose, and nobody will look for the sessions that it ended",
    sabotage: mutations(({ key }) => key[0] !== "session_sweeps"),
  },
  {
    name: "an exchange does not note the client of its session",
    finding: "shop was not told of the end of a session",
    sabotage: mutations(({ key, type }) => type === "delete" || key[0] !== "session_clients"),
  },
  {
    name: "the message to a client is lost between two commits",
    finding: "shop was not told of the end of a session",
    sabotage: mutations(({ key }) => key[0] !== "logout_outbox"),
  },
  {
    name: "the message of an answer is lost between two commits",
    finding: "the client was not told of an answer",
    sabotage: mutations(({ key }) => key[0] !== "ping_outbox"),
  },
  {
    name: "a client is told of an answer before it is given",
    finding: "told of an answer",
    sabotage: batches(({ checks, mutations }) => ({
      checks,
      mutations: [...mutations, ...mutations.flatMap(pingTooEarly)],
    })),
  },
  {
    name: "an exchange tells its client of the end of the session at once",
    finding: "told of a session that is alive",
    sabotage: batches(({ checks, mutations }) => ({
      checks,
      mutations: [...mutations, ...endsOfNoted(mutations)],
    })),
  },
  {
    name: "signing out leaves the session",
    finding: "an audit event of what was not done: session_ended",
    sabotage: mutations(({ type, key }) => type === "set" || key[0] !== "sessions"),
  },
];

function isIn({ mutations }: CommitBatch, family: string): boolean {
  return mutations.some(({ type, key }) => type === "set" && key[0] === family);
}

/** A batch that neither looks at the records of a family nor changes them. */
function without({ checks, mutations }: CommitBatch, family: string): CommitBatch {
  return {
    checks: checks.filter(({ key }) => key[0] !== family),
    mutations: mutations.filter(({ key }) => key[0] !== family),
  };
}

/** The ends of the sessions whose clients a commit notes, though they go on. */
function endsOfNoted(mutations: readonly KvMutation[]): KvMutation[] {
  return mutations.flatMap(({ type, key }) =>
    type === "set" && key[0] === "session_clients"
      ? [{
        type,
        key: ["session_ends", String(key[1])],
        value: { version: 1, record: { expiresAt: 2 ** 40 } },
      }]
      : []
  );
}

/** The message of a request that is new. */
function pingTooEarly(mutation: KvMutation): KvMutation[] {
  const request = recordIn<BackchannelRequest>(mutation, ["backchannel_requests"]);
  if (request === undefined || request.answer !== null || request.sealedPing === null) return [];
  const { clientId, clientCreatedAt, grantId, sealedPing: sealed, createdAt, ...times } = request;
  const { codesExpireAt: giveUpAt, expiresAt } = times;
  const unsent = { attempts: 0, nextAttemptAt: createdAt, leasedBy: null, lastError: null };
  const ping = { clientId, clientCreatedAt, sealed, ...unsent, giveUpAt, expiresAt };
  return [
    { type: "set", key: ["ping_outbox", grantId], value: { version: 1, record: ping } },
    {
      type: "set",
      key: ["ping_outbox_due", createdAt, grantId],
      value: { version: 1, record: { clientId, expiresAt } },
    },
  ];
}
