import * as auditEvents from "../../../stores/audit_events.ts";
import * as challenges from "../../../stores/challenges.ts";
import type { Challenge } from "../../../stores/challenges.ts";
import { type Fresh, isPresent, type Present } from "../../../stores/collection.ts";
import { mostPasskeys } from "../../../stores/passkeys.ts";
import * as providers from "../../../stores/provider.ts";
import type { Provider } from "../../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../../stores/transaction.ts";
import * as users from "../../../stores/users.ts";
import type { User } from "../../../stores/users.ts";
import { randomId } from "../../crypto/random.ts";
import type { Deps } from "../../deps.ts";
import { notifyPerson } from "../../mail/notify.ts";
import { enqueueMail } from "../../mail/outbox.ts";
import { passwordChangedMail } from "../../mail/templates/password_changed.ts";
import { assertProvider } from "../../oidc/provider_record.ts";
import type { Language } from "../../ui/strings/languages.ts";
import { openChallenge } from "../challenges.ts";
import { guessedName } from "../passkeys/name.ts";
import {
  addPasskey,
  type CreationOptions,
  openRegistration,
  optionsForPerson,
  parseRegistrationAnswer,
  registrationRefs,
  type RegistrationRefused,
} from "../passkeys/registration.ts";

const type = "password_reset";
const day = 86_400;

/** Whose account a link's token is for; null if it is good for nothing. Nothing is spent by looking. */
export async function readResetToken(
  deps: Deps,
  token: string,
): Promise<{ readonly username: string; readonly mayUsePasskey: boolean } | null> {
  const open = await deps.kv.step(systemOrigin, (tx) => readReset(tx, token));
  if (open === null) return null;
  const { value: user } = open.user;
  return { username: user.username, mayUsePasskey: mayUsePasskey(user) };
}

interface ResetRequest {
  readonly origin: Origin;
  readonly token: string;
  readonly language: Language;
}

/**
 * Gives a person the password that they chose. One commit spends the token, replaces the password,
 * and raises both epochs: every session, grant and earlier token of the person is dead from there on.
 *
 * @returns false if the token is unknown, expired, spent, or was meant for another state of the account
 */
export async function resetPassword(
  deps: Deps,
  { origin, token, password, language }: ResetRequest & { readonly password: string },
): Promise<boolean> {
  // Only who has a link may make the server work for a hash.
  if (await readResetToken(deps, token) === null) return false;
  const passwordHash = await deps.passwordHasher.hash(password);
  const done = await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null) return false;
    const { user, address } = open;
    startAnew(tx, open, { passwordHash });
    auditEvents.append(tx, { type: "password_reset", person: user });
    await enqueueMail(deps, tx, {
      to: address,
      userId: users.idOf(user),
      template: "password_changed",
      written: passwordChangedMail(language, {
        username: user.value.username,
        url: `${deps.config.issuer}/password-reset`,
        issuer: deps.config.issuer,
        brand: deps.brand,
      }),
      usefulFor: 2 * day,
    });
    return true;
  });
  if (done) deps.mailBell.ring();
  return done;
}

/**
 * What a browser asks an authenticator, for a passkey in the place of the forgotten password. Nothing of
 * the link is spent.
 *
 * @returns null if the link is good for nothing, or not for that
 */
export async function resetPasskeyOptions(
  deps: Deps,
  { origin, token, browserDigest }: Omit<ResetRequest, "language"> & {
    readonly browserDigest: string;
  },
): Promise<CreationOptions | null> {
  return await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null || !mayUsePasskey(open.user.value)) return null;
    const { user, provider } = open;
    return await optionsForPerson(deps, tx, {
      user,
      provider,
      browserDigest,
      provenBy: provenBy(open),
    });
  });
}

export type PasskeyResetOutcome =
  | { readonly kind: "added" }
  | { readonly kind: "dead" }
  | RegistrationRefused;

/**
 * Gives a person a passkey in the place of their password, which is gone. One commit spends the token
 * and the challenge, and raises both epochs, as a new password does.
 */
export async function resetToPasskey(
  deps: Deps,
  { origin, token, language, credential, browserDigest, userAgent }: ResetRequest & {
    /** As the page's script posts it, in JSON. */
    readonly credential: string;
    readonly browserDigest: string;
    readonly userAgent: string | null;
  },
): Promise<PasskeyResetOutcome> {
  const answer = parseRegistrationAnswer("passkey_registration", credential);
  const outcome = await deps.kv.step<PasskeyResetOutcome>(origin, async (tx) => {
    const reset = await readReset(tx, token);
    if (reset === null || !mayUsePasskey(reset.user.value)) return { kind: "dead" };
    if (answer === null) return { kind: "invalid" };
    const { user, provider } = reset;
    const first = await tx.read(await registrationRefs(answer));
    const asked = { user, provider, browserDigest, provenBy: provenBy(reset) };
    const open = await openRegistration(deps, answer, first, asked);
    if (open.kind !== "open") return open;
    const name = await guessedName(open.verified.aaguid, userAgent);
    const passkeyId = await addPasskey(tx, open, name);
    startAnew(tx, reset, {
      passwordHash: null,
      passkeys: [...user.value.passkeys, passkeyId],
    });
    const by = { person: user, reason: "password_reset" };
    auditEvents.append(tx, { type: "passkey_added", ...by, about: passkeyId });
    await notifyPerson(deps, tx, { user, reason: "passkey_added", about: name, language });
    if (user.value.passwordHash !== null) {
      auditEvents.append(tx, { type: "password_removed", ...by });
      await notifyPerson(deps, tx, { user, reason: "password_removed", language });
    }
    return { kind: "added" };
  });
  if (outcome.kind === "added") deps.mailBell.ring();
  return outcome;
}

/**
 * A verified passkey signs in by itself. Where an authenticator app guards the account, a mail must not
 * be enough to get one: it would be the way around the app.
 */
function mayUsePasskey({ totp, passkeys }: User): boolean {
  return totp === null && passkeys.length < mostPasskeys;
}

interface OpenReset {
  readonly challenge: Fresh<Challenge>;
  readonly user: Present<User>;
  readonly provider: Provider;
  readonly address: string;
}

async function readReset(tx: Transaction, token: string): Promise<OpenReset | null> {
  const first = await tx.read({
    challenge: await challenges.ref(type, token),
    provider: providers.ref(),
  });
  const userId = first.challenge.value?.userId ?? null;
  const { user } = await tx.read({ user: userId === null ? null : users.ref(userId) });
  if (user === null || !isPresent(user)) return null;
  // A link to an address that is not theirs any more opens nothing.
  const address = users.verifiedEmail(user.value.claims);
  if (address === null) return null;
  const provider = assertProvider(first.provider);
  const challenge = openChallenge(type, first.challenge, { provider, user, address });
  return challenge && { challenge, user, provider, address };
}

/** The digest of the link's token stands for what it proves. */
function provenBy({ challenge }: OpenReset): string {
  return `${type}:${challenges.idOf(challenge)}`;
}

/** Spends the link, and ends all that whoever knew the old password may have opened with it. */
function startAnew(
  tx: Transaction,
  { challenge, user }: OpenReset,
  changes: Pick<User, "passwordHash"> & Partial<Pick<User, "passkeys">>,
) {
  challenges.consume(tx, challenge, randomId(tx.random));
  users.replace(tx, user, {
    ...changes,
    epoch: user.value.epoch + 1,
    sessionEpoch: user.value.sessionEpoch + 1,
  });
}
