import { normalName } from "../identifiers/username.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { type LimitDeps, type LimitedKey, type Reservation, reserve } from "./reserve.ts";
import { isFull, windowAt, withOneMore } from "./sliding_window.ts";

/**
 * Takes a place for one mail to what was typed, a mail address or a name, whoever asks for it, so that
 * nobody's inbox is flooded by way of us. Whether somebody has that address makes no difference.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveMail(
  deps: LimitDeps,
  identifier: string,
): Promise<Reservation> {
  return await reserve(deps, [await mailKey(deps, identifier)]);
}

/** Who asks for a mail without being signed in. */
export interface MailRequester {
  readonly address: string | null;
  /** Of a browser that has signed the account in before that is meant; null: a stranger. */
  readonly device: string | null;
}

/**
 * Takes a place for one mail that somebody asks for who is not signed in. Strangers share the places of
 * what they typed, and those of their address; a browser that has signed the account in before has
 * places of its own, so that strangers cannot keep its owner from getting a mail.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveRequestedMail(
  deps: LimitDeps,
  { address, device }: MailRequester,
  identifier: string,
): Promise<Reservation> {
  if (device !== null) {
    const ref = await rateLimits.ref("mail-browser", device);
    return await reserve(deps, [{ name: "mail-browser", limit: deps.config.limits.mail, ref }]);
  }
  const keys = [await mailKey(deps, identifier), await mailAddressKey(deps, address)] as const;
  const reservation = await reserve(deps, keys);
  // What is left of an address's places would tell its neighbours of each other.
  const quotas = reservation.quotas.filter(({ name }) => name === "mail");
  return { ...reservation, quotas };
}

/** Of the mails that strangers at one address ask for. */
export async function mailAddressKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref("mail-address", addressBlock(address));
  return { name: "mail-address", limit: config.limits.mailAddress, ref };
}

/**
 * Takes a place for one mail with which an account can be made, also under a limit of who asks for it:
 * as it goes to somebody who has to do with none of us, one a stranger would else be no limit at all.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveSignUpMail(
  deps: LimitDeps,
  { address }: Pick<Origin, "address">,
  recipient: string,
): Promise<Reservation> {
  return await reserve(deps, [await signUpKey(deps, address), await mailKey(deps, recipient)]);
}

/** Of the mails with which accounts can be made, by the network address of who asks for them. */
export async function signUpKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref("sign-up", addressBlock(address));
  return { name: "sign-up", limit: config.limits.signUp, ref };
}

/**
 * Takes a place for one mail that somebody who is signed in has sent to an address of their choice, so
 * that no account is a way to write to everybody, or to bury its owner's other mails in notices.
 *
 * @throws {StoreUnavailable}
 */
export async function reserveMailOf(deps: LimitDeps, userId: string): Promise<Reservation> {
  return await reserve(deps, [await senderKey(deps, userId)]);
}

/** Of the mails that one person has sent to addresses of their choice. */
export async function senderKey(
  { config }: Pick<LimitDeps, "config">,
  userId: string,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref("mail-sender", userId);
  return { name: "mail-sender", limit: config.limits.mail, ref };
}

/**
 * Takes a place for one mail to who gets it, in the step that sends it: somebody whom a name means, and
 * an address too, gets no more mails for that. A refusal must not be told, or it would tell whose name
 * and address belong together; and since work can be timed, it is as much for a mail that nobody gets,
 * and for one that has no place.
 *
 * @param to null: nobody gets it
 * @param identifier what was typed
 * @param device of a browser that has signed the account in before: its mails were counted when they
 *   were asked for, and strangers do not use up its places
 * @returns whether the mail may be sent
 */
export async function takeRecipientPlace(
  deps: Pick<LimitDeps, "config">,
  tx: Transaction,
  { to, identifier, device = null }: {
    readonly to: string | null;
    readonly identifier: string;
    readonly device?: string | null;
  },
): Promise<boolean> {
  if (!deps.config.rateLimits || device !== null) return true;
  const { name, limit, ref } = to === null
    ? await nobodysKey(deps, identifier)
    : await recipientKey(deps, to);
  const { log } = await tx.read({ log: ref });
  const window = windowAt(log.value?.passed ?? [], limit, tx.milliseconds);
  const hasPlace = !isFull(window, limit);
  const { passed } = hasPlace ? withOneMore(window) : window;
  rateLimits.write(tx, log, { limit: name, passed, window: limit.seconds });
  return hasPlace;
}

/** Of the mails that are asked for with one address or name. */
export async function mailKey(
  { config }: Pick<LimitDeps, "config">,
  identifier: string,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref("mail", normalName(identifier));
  return { name: "mail", limit: config.limits.mail, ref };
}

const recipient = "mail-recipient";

/** Of the mails that one address gets, whatever they were asked for with. */
export async function recipientKey(
  { config }: Pick<LimitDeps, "config">,
  address: string,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref(recipient, normalName(address));
  return { name: recipient, limit: config.limits.mail, ref };
}

/** Takes the place of a recipient's, where there is none. */
async function nobodysKey(
  { config }: Pick<LimitDeps, "config">,
  identifier: string,
): Promise<LimitedKey> {
  const ref = await rateLimits.ref(recipient, "nobody", normalName(identifier));
  return { name: recipient, limit: config.limits.mail, ref };
}
