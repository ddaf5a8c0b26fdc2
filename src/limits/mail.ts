import { normalName } from "../identifiers/username.ts";
import type { Origin, Transaction } from "../../stores/engine/transaction.ts";
import { addressBlock } from "./address_block.ts";
import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey, Reservation } from "./reservation.ts";
import { reserve } from "./reserve.ts";
import { isFull, windowOf, withOneMore, writeWindow } from "./sliding_window.ts";

/**
 * Takes a place for one mail to the typed address or username, whoever requests it, so that attackers
 * cannot flood an inbox through this server. It works the same for an unknown address.
 * @throws {StoreUnavailable}
 */
export async function reserveMail(
  deps: LimitDeps,
  identifier: string,
): Promise<Reservation> {
  return await reserve(deps, [await mailKey(deps, identifier)]);
}

/** A requester of a mail who is not signed in. */
export interface MailRequester {
  readonly address: string | null;
  /** The id of a browser that has signed in to this account before; null: a stranger. */
  readonly device: string | null;
}

/**
 * Takes a place for one mail requested by a user who is not signed in. Strangers share the limits of the
 * typed name, and of their address. A browser that has signed in to the account before has its own limit,
 * so that strangers cannot keep the owner from getting a mail.
 * @throws {StoreUnavailable}
 */
export async function reserveRequestedMail(
  deps: LimitDeps,
  { address, device }: MailRequester,
  identifier: string,
): Promise<Reservation> {
  if (device !== null) {
    return await reserve(deps, [await limitedKey("mail-browser", deps.config.limits.mail, device)]);
  }
  const keys = [await mailKey(deps, identifier), await mailAddressKey(deps, address)] as const;
  const reservation = await reserve(deps, keys);
  // The rest of an address's limit would reveal the activity of other users at this address.
  const quotas = reservation.quotas.filter(({ name }) => name === "mail");
  return { ...reservation, quotas };
}

/** The limit of mails that strangers at one address request. */
export async function mailAddressKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  return await limitedKey("mail-address", config.limits.mailAddress, addressBlock(address));
}

/**
 * Takes a place for one mail for creating an account, also under a limit for the requester. Recipients
 * have no account here, so a limit per recipient alone would let one sender mail any number of strangers.
 * @throws {StoreUnavailable}
 */
export async function reserveSignUpMail(
  deps: LimitDeps,
  { address }: Pick<Origin, "address">,
  recipient: string,
): Promise<Reservation> {
  return await reserve(deps, [await signUpKey(deps, address), await mailKey(deps, recipient)]);
}

/** The limit of mails for creating accounts, by the requester's IP address. */
export async function signUpKey(
  { config }: Pick<LimitDeps, "config">,
  address: string | null,
): Promise<LimitedKey> {
  return await limitedKey("sign-up", config.limits.signUp, addressBlock(address));
}

/**
 * Takes a place for one mail that a signed-in user sends to an address of their choice. Without it, an
 * account could be used to send mail to anyone, or to hide its owner's other mails among notices.
 * @throws {StoreUnavailable}
 */
export async function reserveMailOf(deps: LimitDeps, userId: string): Promise<Reservation> {
  return await reserve(deps, [await senderKey(deps, userId)]);
}

/** The limit of mails that one user sends to addresses of their choice. */
export async function senderKey(
  { config }: Pick<LimitDeps, "config">,
  userId: string,
): Promise<LimitedKey> {
  return await limitedKey("mail-sender", config.limits.mail, userId);
}

/**
 * Takes a place for one mail to its recipient, in the step that sends it: a user who is known by a
 * username and an address must not get more mails for that. A refusal must not be shown, because it would
 * reveal which username and address belong together. Work can be timed, so it is the same for a mail
 * without a recipient, and for a mail that is refused.
 * @param to null: there is no recipient
 * @param identifier the typed name or address
 * @param device of a browser that has signed in to the account before: its mails were counted at the
 *   request, and strangers do not use up its limit
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
  const key = to === null ? await nobodysKey(deps, identifier) : await recipientKey(deps, to);
  const { log } = await tx.read({ log: key.ref });
  const window = windowOf(tx, key, log);
  const hasPlace = !isFull(window, key.limit);
  writeWindow(tx, key, log, hasPlace ? withOneMore(window) : window);
  return hasPlace;
}

/** The limit of mails requested with one address or username. */
export async function mailKey(
  { config }: Pick<LimitDeps, "config">,
  identifier: string,
): Promise<LimitedKey> {
  return await limitedKey("mail", config.limits.mail, normalName(identifier));
}

const recipient = "mail-recipient";

/** The limit of mails to one address, whatever name they were requested with. */
export async function recipientKey(
  { config }: Pick<LimitDeps, "config">,
  address: string,
): Promise<LimitedKey> {
  return await limitedKey(recipient, config.limits.mail, normalName(address));
}

/** The same work for a mail without a recipient. */
async function nobodysKey(
  { config }: Pick<LimitDeps, "config">,
  identifier: string,
): Promise<LimitedKey> {
  return await limitedKey(recipient, config.limits.mail, "nobody", normalName(identifier));
}
