import * as auditEvents from "../../stores/audit_events.ts";
import * as challenges from "../../stores/challenges.ts";
import type { Challenge } from "../../stores/challenges.ts";
import { type Fresh, isPresent, type Present } from "../../stores/collection.ts";
import * as providers from "../../stores/provider.ts";
import { type Origin, systemOrigin, type Transaction } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import type { User } from "../../stores/users.ts";
import { randomId, randomSecret } from "../crypto/random.ts";
import type { Deps } from "../deps.ts";
import { takeRecipientPlace } from "../limits/mail.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { passwordChangedMail } from "../mail/templates/password_changed.ts";
import { passwordResetMail } from "../mail/templates/password_reset.ts";
import { assertProvider } from "../oidc/provider_record.ts";
import { count } from "../telemetry/counters.ts";
import type { Language } from "../ui/strings/languages.ts";
import { openChallenge } from "./challenges.ts";

const type = "password_reset";
const day = 86_400;

/**
 * Sends a link to choose a new password with, to the verified address of whoever is meant. If nobody
 * is, or they have had their share of mails, the same is read and as much is written, so that neither
 * answer nor time tell who has an account.
 *
 * @param identifier a username or a mail address, as it was typed
 */
export async function requestPasswordReset(
  deps: Deps,
  { origin, identifier, language }: {
    readonly origin: Origin;
    readonly identifier: string;
    readonly language: Language;
  },
): Promise<void> {
  const hadPlace = await deps.kv.step(origin, async (tx) => {
    const first = await tx.read({
      provider: providers.ref(),
      email: users.emailRef(identifier),
      username: users.usernameRef(identifier),
    });
    const owner = first.email.value ?? first.username.value;
    const { user } = await tx.read({ user: users.ref(owner?.userId ?? randomId(tx.random)) });
    const person = isPresent(user) ? user : null;
    const reachable = person !== null && person.value.status === "active" ? person : null;
    const address = reachable && users.verifiedEmail(reachable.value.claims);
    // A name and an address are two things to type, and one inbox.
    const hasPlace = await takeRecipientPlace(deps, tx, { to: address, identifier });
    const to = hasPlace ? address : null;

    const secret = randomSecret(tx.random);
    challenges.add(tx, type, await challenges.ref(type, secret), {
      userId: to === null ? null : owner?.userId ?? null,
      address: to,
      epoch: to === null ? null : person?.value.epoch ?? null,
      providerEpoch: assertProvider(first.provider).epoch,
    });
    await enqueueMail(deps, tx, {
      to, // nobody, if it is null
      userId: to === null ? null : owner?.userId ?? null,
      template: type,
      written: passwordResetMail(language, {
        username: person?.value.username ?? identifier,
        url: `${deps.config.issuer}/password-reset/confirm?token=${secret}`,
        issuer: deps.config.issuer,
        brand: deps.brand,
      }),
      usefulFor: challenges.challengeKinds[type].lifetime,
    });
    auditEvents.append(tx, {
      type: "password_reset_requested",
      outcome: to === null ? "failure" : "success",
      ...(hasPlace ? {} : { reason: "mail_limit" }),
      actor: "anonymous",
      person,
    });
    return hasPlace;
  });
  if (!hadPlace) count("latchkey.limits.refused", { limit: "mail-recipient" });
  deps.mailBell.ring();
}

/** Whose password a link's token is for; null if it is good for nothing. Nothing is spent by looking. */
export async function readResetToken(
  deps: Deps,
  token: string,
): Promise<{ readonly username: string } | null> {
  const open = await deps.kv.step(systemOrigin, (tx) => readReset(tx, token));
  return open && { username: open.user.value.username };
}

/**
 * Gives a person the password that they chose. One commit spends the token, replaces the password,
 * and raises both epochs: every session, grant and earlier token of the person is dead from there on.
 *
 * @returns false if the token is unknown, expired, spent, or was meant for another state of the account
 */
export async function resetPassword(
  deps: Deps,
  { origin, token, password, language }: {
    readonly origin: Origin;
    readonly token: string;
    readonly password: string;
    readonly language: Language;
  },
): Promise<boolean> {
  // Only who has a link may make the server work for a hash.
  if (await readResetToken(deps, token) === null) return false;
  const passwordHash = await deps.passwordHasher.hash(password);
  const done = await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null) return false;
    const { challenge, user, address } = open;
    challenges.consume(tx, challenge, randomId(tx.random));
    users.replace(tx, user, {
      passwordHash,
      epoch: user.value.epoch + 1,
      sessionEpoch: user.value.sessionEpoch + 1,
    });
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

interface OpenReset {
  readonly challenge: Fresh<Challenge>;
  readonly user: Present<User>;
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
  return challenge && { challenge, user, address };
}
