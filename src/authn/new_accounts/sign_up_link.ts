import * as carriedOutForms from "../../../stores/carried_out_forms.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import { type Entry, type Fresh, isFresh } from "../../../stores/engine/collection.ts";
import * as interactions from "../../../stores/interactions.ts";
import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import * as sessions from "../../../stores/sessions.ts";
import { type Origin, systemOrigin, type Transaction } from "../../../stores/engine/transaction.ts";
import * as userNames from "../../../stores/user_names.ts";
import * as users from "../../../stores/users.ts";
import { isOwnInteraction } from "../../interactions/own_interaction.ts";
import type { Deps } from "../../deps/deps.ts";
import { openChallenge, provenBy } from "../challenges.ts";
import { type AccountForm, makeAccount } from "./make_account.ts";
import { isUnderWay, mailFactor, type Repeated } from "../mail/factor.ts";
import { isForeignAddress } from "./new_account.ts";
import {
  type NewcomerOptions,
  newcomerOptions,
  type OptionsRequest,
} from "../passkeys/newcomer.ts";
import { isRefused, type RegistrationRefused } from "../passkeys/registration.ts";
import type { SessionCookie } from "../../sessions/session_cookie.ts";
import { acceptFactor, openAttempt, type SignInOutcome } from "../sign_in_attempt.ts";

const type = "sign_up";

/** A link's token contains the request that continues with the account. The digest covers both. */
export function signUpToken(interactionId: string | null, secret: string): string {
  return `${interactionId ?? none}.${secret}`;
}

const none = "new";

/** @returns null if it is not a token */
function parseSignUpToken(token: string): { readonly interactionId: string | null } | null {
  const id = /^([A-Za-z0-9_-]{22}|new)\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1];
  return id === undefined ? null : { interactionId: id === none ? null : id };
}

/** What a link is about. */
export interface SignUpLink {
  /** The address that it proves. */
  readonly address: string;
  /** The languages that the client asks for whose request waits. */
  readonly uiLocales: string | undefined;
}

/** Reads a link; null if it is not valid. Nothing is spent. */
export async function readSignUp(deps: Deps, token: string): Promise<SignUpLink | null> {
  return await deps.kv.step(systemOrigin, async (tx) => {
    const open = await readLink(tx, token);
    if (open === null) return null;
    const id = parseSignUpToken(token)?.interactionId ?? null;
    const { waiting } = await tx.read({ waiting: id === null ? null : interactions.ref(id) });
    const uiLocales = waiting?.value ? interactions.uiLocalesOf(waiting.value) : undefined;
    return { address: open.address, uiLocales };
  });
}

/** The passkey options for a new account. The link is not spent. */
export async function signUpPasskeyOptions(
  deps: Deps,
  { origin, token, newcomer }: OptionsRequest,
): Promise<NewcomerOptions | { readonly kind: "dead" }> {
  return await deps.kv.step(origin, async (tx) => {
    const open = await readLink(tx, token);
    if (open === null) return { kind: "dead" };
    const { provider, challenge, address } = open;
    if (isForeignAddress(newcomer.username, address)) return { kind: "username_taken" };
    return await newcomerOptions(deps, tx, { provider, provenBy: provenBy(challenge), newcomer });
  });
}

async function readLink(tx: Transaction, token: string) {
  if (parseSignUpToken(token) === null) return null;
  const first = await providers.read(tx, {
    challenge: await challenges.ref(type, token),
  });
  const address = first.challenge.value?.address ?? "";
  const { owner } = await tx.read({ owner: userNames.emailRef(address) });
  const { provider } = first;
  const challenge = openSignUp(first.challenge, provider, owner);
  return challenge && { challenge, provider, address };
}

export interface NewUserRequest {
  readonly origin: Origin;
  readonly token: string;
  readonly browserDigest: string;
  readonly session: SessionCookie | null;
  readonly userAgent: string | null;
  readonly account: AccountForm;
}

export type SignUpOutcome =
  | { readonly kind: "dead" }
  | { readonly kind: "username_taken" }
  | RegistrationRefused
  /** Nobody is signed in: the link was opened in another browser, or no request waits. */
  | { readonly kind: "made" }
  | { readonly kind: "signed_in"; readonly interactionId: string; readonly outcome: SignInOutcome }
  | Repeated & { readonly interactionId: string };

/**
 * Creates the account of a link. One commit spends the link, creates the user with the verified address
 * and, in the browser that requested the link, signs them in for the waiting request. Of any number of
 * requests with one link, one address or one name, one creates an account. A repeated request on the
 * way to an application, such as a double click, continues there. Otherwise a spent link is invalid,
 * also for the user who spent it: a second form may have another name or password, and must not seem to
 * have succeeded.
 */
export async function signUp(deps: Deps, request: NewUserRequest): Promise<SignUpOutcome> {
  const parsed = parseSignUpToken(request.token);
  if (parsed === null) return { kind: "dead" };
  const outcome = await makeByLink(deps, request, parsed.interactionId);
  // This very link may have done it between the reads of the step. Then the link says so now.
  if (outcome.kind !== "address_taken" && outcome.kind !== "expired") return outcome;
  const settled = await makeByLink(deps, request, parsed.interactionId);
  return settled.kind === "address_taken" ? { kind: "dead" } : settled;
}

/** @returns `address_taken` if the link seems unspent but a user has its address */
async function makeByLink(
  deps: Deps,
  { origin, token, browserDigest, session, userAgent, account }: NewUserRequest,
  interactionId: string | null,
): Promise<SignUpOutcome | { readonly kind: "address_taken" }> {
  return await deps.kv.step(origin, async (tx) => {
    const first = await providers.read(tx, {
      challenge: await challenges.ref(type, token),
      interaction: interactionId === null ? null : interactions.ref(interactionId),
      browserSession: session && sessions.ref(session.sessionId),
    });
    const { provider } = first;
    const { interaction, challenge } = first;
    const attempt = interactionId !== null && interaction !== null &&
        isOwnInteraction(interaction, { browserDigest, provider })
      ? openAttempt(
        { origin, interactionId, browserDigest, session, devices: [], userAgent },
        { ...first, interaction },
      )
      : null;
    const { owner, name, earlierSession } = await tx.read({
      owner: userNames.emailRef(challenge.value?.address ?? ""),
      name: userNames.usernameRef(account.username),
      earlierSession: attempt && attempt.earlierRef,
    });
    const open = openSignUp(challenge, provider, owner);
    if (open === null) {
      const spentBy = challenge.value?.spentBy ?? null;
      if (spentBy === null) return { kind: owner.value === null ? "dead" : "address_taken" };
      const repeats = attempt !== null && interactionId !== null &&
        isUnderWay(attempt.interaction.value);
      return repeats ? { kind: "repeated", interactionId } : { kind: "dead" };
    }
    if (name.value !== null || isForeignAddress(account.username, open.value.address ?? "")) {
      return { kind: "username_taken" };
    }

    const credential = await account.credential(tx, { provider, provenBy: provenBy(open) });
    if (isRefused(credential)) return credential;
    const { username } = account;
    const claims = { name: account.name, email: open.value.address, email_verified: true };
    const user = makeAccount(tx, { username, claims, credential });
    challenges.consume(tx, open, users.idOf(user));
    // A finished request accepts nobody any more, but the account is created.
    if (attempt === null || interactionId === null || !isFresh(attempt.interaction)) {
      carriedOutForms.add(tx);
      return { kind: "made" };
    }
    const shown = { user, earlierSession, factor: mailFactor };
    const outcome = await acceptFactor(deps, tx, attempt, shown);
    return { kind: "signed_in", interactionId, outcome };
  });
}

/** A link is invalid as soon as a user has its address. */
function openSignUp(
  challenge: Entry<Challenge>,
  provider: Provider,
  owner: Entry<{ userId: string }>,
): Fresh<Challenge> | null {
  const address = challenge.value?.address ?? null;
  if (address === null || owner.value !== null) return null;
  return openChallenge(type, challenge, { provider, address });
}
