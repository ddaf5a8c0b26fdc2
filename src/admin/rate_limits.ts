import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import * as requestCounts from "../../stores/request_counts.ts";
import * as userNames from "../../stores/user_names.ts";
import type { Deps } from "../deps/deps.ts";
import { accessTokenKey } from "../limits/access_token.ts";
import { accountGuessesKey } from "../limits/account_guesses.ts";
import { requestsToUserKey, unknownUsersKey } from "../limits/backchannel.ts";
import {
  addressAuthenticationKey,
  clientAuthenticationKey,
} from "../limits/client_authentication.ts";
import { mailAddressKey, mailKey, recipientKey, senderKey, signUpKey } from "../limits/mail.ts";
import {
  outgoingAddressKey,
  outgoingClientKey,
  outgoingHostKey,
  outgoingLogoutKey,
} from "../limits/outgoing.ts";
import { heldPlaces } from "../limits/held_places.ts";
import { isOfRequests, type RequestKey } from "../limits/request_key.ts";
import { forgetRequests, requestUsage } from "../limits/requests.ts";
import { registrationKey } from "../limits/registration.ts";
import type { LimitedKey } from "../limits/reservation.ts";
import { nameOf } from "../limits/reserve.ts";
import { routeKey, strangersKey } from "../limits/route.ts";
import { codeAddressKey, guessKeys } from "../limits/sign_in.ts";
import { remaining, untilNextPlace, windowOf } from "../limits/sliding_window.ts";
import { allUserCodesKey, userCodesOfUserKey } from "../limits/user_code.ts";
import { usernameTriesKey } from "../limits/username_tries.ts";
import { type JsonObject, validEntry } from "../protocol/json_entry.ts";
import { NotFound } from "./errors.ts";

const text = z.string().max(256);
const address = { address: z.union([z.ipv4(), z.ipv6()], "must be an IP address") };

/** Finds the key that a limit counts under. @param subject what names it @throws {InvalidEntry} */
type FindKey = (deps: Deps, subject: unknown) => Promise<LimitedKey | RequestKey>;

/** Finds the key of a limit whose subjects have these members. */
function of<Schema extends z.ZodRawShape>(
  members: Schema,
  keyOf: (
    deps: Deps,
    subject: z.infer<z.ZodObject<Schema, z.core.$strict>>,
  ) => LimitedKey | RequestKey | Promise<LimitedKey | RequestKey>,
): FindKey {
  const schema = z.strictObject(members);
  return async (deps, subject) => await keyOf(deps, validEntry(schema, subject));
}

const username = { username: text };
const email = { email: text };
const userId = { user_id: text };
const clientId = { client_id: text };
const clientAndAddress = { client_id: text, ...address };
const nobody = { address: null, device: null };

/** Guesses at an account, from everywhere. */
function ofAccount(at: "sign-in" | "second-factor"): FindKey {
  return of(username, async (deps, subject) => {
    return (await guessKeys(deps, { at, ...subject }, nobody))[0];
  });
}

/** Guesses at an account, from one address. */
function ofAccountAndAddress(at: "sign-in" | "second-factor"): FindKey {
  return of({ ...username, ...address }, async (deps, subject) => {
    const guesser = { address: subject.address, device: null };
    return (await guessKeys(deps, { at, username: subject.username }, guesser))[1];
  });
}

/** The members of each limit's subject, and its key. The names are those in `RateLimit-Policy`. */
const limits: Readonly<Record<string, FindKey>> = {
  "sign-in-account": ofAccount("sign-in"),
  "sign-in": ofAccountAndAddress("sign-in"),
  "second-factor-account": ofAccount("second-factor"),
  "second-factor": ofAccountAndAddress("second-factor"),
  "code-address": of(address, (deps, { address }) => codeAddressKey(deps, address)),
  "username-tries": of(address, (deps, { address }) => usernameTriesKey(deps, address)),
  "sign-in-person": of(userId, (deps, { user_id: id }) => accountGuessesKey(deps, id)),
  "mail": of(email, (deps, { email }) => mailKey(deps, email)),
  "mail-recipient": of(email, (deps, { email }) => recipientKey(deps, email)),
  "mail-address": of(address, (deps, { address }) => mailAddressKey(deps, address)),
  "mail-sender": of(userId, (deps, { user_id: id }) => senderKey(deps, id)),
  "sign-up": of(address, (deps, { address }) => signUpKey(deps, address)),
  "client-authentication": of(
    clientAndAddress,
    (deps, { client_id: id, address }) => clientAuthenticationKey(deps, id, address),
  ),
  "client-authentication-address": of(
    address,
    (deps, { address }) => addressAuthenticationKey(deps, address),
  ),
  "access-token": of(address, (deps, { address }) => accessTokenKey(deps, address)),
  "registration": of(address, (deps, { address }) => registrationKey(deps, address)),
  "outgoing-host": of({ host: text }, (deps, { host }) => outgoingHostKey(deps, host)),
  "outgoing-client": of(clientId, (deps, { client_id: id }) => outgoingClientKey(deps, id)),
  "outgoing-logout": of(clientId, (deps, { client_id: id }) => outgoingLogoutKey(deps, id)),
  "outgoing-address": of(address, (deps, { address }) => outgoingAddressKey(deps, address)),
  "user-code": of({}, (deps) => allUserCodesKey(deps, "browser")),
  "user-code-signed-in": of({}, (deps) => allUserCodesKey(deps, "user")),
  "user-code-user": of(userId, (deps, { user_id: id }) => userCodesOfUserKey(deps, id)),
  "backchannel-user": of(userId, (deps, { user_id: id }) => requestsToUserKey(deps, id)),
  "backchannel-unknown-user": of(
    clientId,
    (deps, { client_id: id }) => unknownUsersKey(deps, id),
  ),
  "strangers": of({}, strangersKey),
  "authorize": of(address, (deps, { address }) => routeKey(deps, "/authorize", address)),
  "route": of(
    { route: text, ...address },
    (deps, { route, address }) => routeKey(deps, route, address),
  ),
};

/** How much of a limit is used up. */
export interface LimitUse {
  readonly limit: string;
  readonly count: number;
  readonly seconds: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds until the next request can pass. */
  readonly reset: number;
}

/**
 * The key of a limit for one subject.
 *
 * @param name as in `RateLimit-Policy`
 * @throws {NotFound} if there is no such limit
 * @throws {InvalidEntry} if the subject has other members than the limit needs
 */
export async function limitedKey(
  deps: Deps,
  name: string,
  subject: JsonObject,
): Promise<LimitedKey | RequestKey> {
  const find = Object.hasOwn(limits, name) ? limits[name] : undefined;
  if (find === undefined) throw new NotFound("rate limit");
  return await find(deps, subject);
}

export async function readRateLimit(
  deps: Deps,
  tx: Transaction,
  key: LimitedKey | RequestKey,
): Promise<LimitUse> {
  const { name, limit } = key;
  const shown = { limit: name, count: limit.count, seconds: limit.seconds };
  if (isOfRequests(key)) {
    const { used, reset } = await requestUsage(deps, key);
    return { ...shown, used, remaining: Math.max(0, limit.count - used), reset };
  }
  const { log } = await tx.read({ log: key.ref });
  const window = windowOf(tx, key, log);
  return {
    ...shown,
    used: window.passed.length,
    remaining: remaining(window, limit),
    reset: untilNextPlace(window, limit),
  };
}

/**
 * Makes all of a limit available again, for example for a user who was locked out. After its commit, call
 * `forgetRateLimit`.
 */
export async function resetRateLimit(
  deps: Deps,
  tx: Transaction,
  key: LimitedKey | RequestKey,
  { username, user_id: userId, client_id: clientId }: JsonObject,
): Promise<void> {
  const { log, count, owner } = await tx.read({
    log: isOfRequests(key) ? null : key.ref,
    count: isOfRequests(key) ? key.ref : null,
    owner: typeof username === "string" ? userNames.usernameRef(username) : null,
  });
  if (log && isPresent(log)) rateLimits.reset(tx, log);
  if (count && isPresent(count)) requestCounts.reset(tx, count);
  if ((await readRateLimit(deps, tx, key)).used === 0) return;
  auditEvents.append(tx, {
    type: "rate_limit_reset",
    about: key.name,
    userId: typeof userId === "string"
      ? userId
      : owner && userNames.ownerOfName(owner, String(username)),
    clientId: typeof clientId === "string" ? clientId : null,
  });
}

/** Forgets what the process remembers of a limit that was reset. */
export function forgetRateLimit(deps: Deps, key: LimitedKey | RequestKey) {
  if (isOfRequests(key)) forgetRequests(deps, key);
  else if (deps.kv.memory !== null) heldPlaces(deps.kv.memory).reset(nameOf(key));
}
