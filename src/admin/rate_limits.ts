import { z } from "zod";
import * as auditEvents from "../../stores/audit_events.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as rateLimits from "../../stores/rate_limits.ts";
import * as userNames from "../../stores/user_names.ts";
import type { Deps } from "../deps/deps.ts";
import { accessTokenKey } from "../limits/access_token.ts";
import { accountGuessesKey } from "../limits/account_guesses.ts";
import { addressAuthenticationKey } from "../limits/client_authentication.ts";
import { clientAuthenticationKey } from "../limits/client_authentication.ts";
import { mailAddressKey, mailKey, recipientKey, senderKey, signUpKey } from "../limits/mail.ts";
import type { LimitedKey } from "../limits/reserve.ts";
import { routeKey, strangersKey } from "../limits/route.ts";
import { usernameTriesKey } from "../limits/username_tries.ts";
import { codeAddressKey, guessKeys } from "../limits/sign_in.ts";
import { remaining, untilNextPlace, windowAt } from "../limits/sliding_window.ts";
import { type AdminRequest, type Answer, answer, done } from "./admin_request.ts";
import { asAdministrator } from "./administrator.ts";
import { parseQuery } from "./paging.ts";
import { notFound } from "./problem.ts";

const text = z.string().max(256);
const username = { username: text };
const address = { address: z.union([z.ipv4(), z.ipv6()], "must be an IP address") };

type FindKey = (deps: Deps, request: AdminRequest) => Promise<LimitedKey>;

function ofAccount(at: "sign-in" | "second-factor"): FindKey {
  return async (deps, request) => {
    const query = parseQuery(z.strictObject(username), request);
    return (await guessKeys(deps, { at, ...query }, { address: null, device: null }))[0];
  };
}

function ofAccountAndAddress(at: "sign-in" | "second-factor"): FindKey {
  return async (deps, request) => {
    const query = parseQuery(z.strictObject({ ...username, ...address }), request);
    const guesser = { address: query.address, device: null };
    return (await guessKeys(deps, { at, username: query.username }, guesser))[1];
  };
}

/** What each limit is asked by: the subject that it counts for. */
const limits: Readonly<Record<string, FindKey>> = {
  "sign-in-account": ofAccount("sign-in"),
  "sign-in": ofAccountAndAddress("sign-in"),
  "second-factor-account": ofAccount("second-factor"),
  "second-factor": ofAccountAndAddress("second-factor"),
  "code-address": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await codeAddressKey(deps, query.address);
  },
  "username-tries": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await usernameTriesKey(deps, query.address);
  },
  "sign-in-person": async (deps, request) => {
    const query = parseQuery(z.strictObject({ user_id: text }), request);
    return await accountGuessesKey(deps, query.user_id);
  },
  "mail": async (deps, request) => {
    const { email } = parseQuery(z.strictObject({ email: text }), request);
    return await mailKey(deps, email);
  },
  "mail-recipient": async (deps, request) => {
    const { email } = parseQuery(z.strictObject({ email: text }), request);
    return await recipientKey(deps, email);
  },
  "mail-address": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await mailAddressKey(deps, query.address);
  },
  "mail-sender": async (deps, request) => {
    const query = parseQuery(z.strictObject({ user_id: text }), request);
    return await senderKey(deps, query.user_id);
  },
  "sign-up": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await signUpKey(deps, query.address);
  },
  "client-authentication": async (deps, request) => {
    const query = parseQuery(z.strictObject({ client_id: text, ...address }), request);
    return await clientAuthenticationKey(deps, query.client_id, query.address);
  },
  "client-authentication-address": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await addressAuthenticationKey(deps, query.address);
  },
  "access-token": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await accessTokenKey(deps, query.address);
  },
  "strangers": async (deps, request) => {
    parseQuery(z.strictObject({}), request);
    return await strangersKey(deps);
  },
  "authorize": async (deps, request) => {
    const query = parseQuery(z.strictObject(address), request);
    return await routeKey(deps, "/authorize", query.address);
  },
  "route": async (deps, request) => {
    const query = parseQuery(z.strictObject({ route: text, ...address }), request);
    return await routeKey(deps, query.route, query.address);
  },
};

/** Tells how much of a limit is used up. @param name that which `RateLimit-Policy` names */
export async function readRateLimit(
  deps: Deps,
  request: AdminRequest,
  name: string,
): Promise<Answer> {
  return await asAdministrator(deps, request, async (tx) => {
    const { name: limitName, limit, ref } = await keyOf(deps, request, name);
    const { log } = await tx.read({ log: ref });
    const window = windowAt(log.value?.passed ?? [], limit, tx.milliseconds);
    return answer({
      limit: limitName,
      count: limit.count,
      seconds: limit.seconds,
      used: window.passed.length,
      remaining: remaining(window, limit),
      reset: untilNextPlace(window, limit),
    });
  });
}

/** Makes a limit whole again, for somebody who was locked out. */
export async function resetRateLimit(
  deps: Deps,
  request: AdminRequest,
  name: string,
): Promise<Answer> {
  await asAdministrator(deps, request, async (tx) => {
    const { name: limitName, ref } = await keyOf(deps, request, name);
    const { username: wanted, user_id: userId, client_id: clientId } = request.query;
    const { log, person } = await tx.read({
      log: ref,
      person: typeof wanted === "string" ? userNames.usernameRef(wanted) : null,
    });
    if (!isPresent(log)) return; // it is whole
    rateLimits.reset(tx, log);
    auditEvents.append(tx, {
      type: "rate_limit_reset",
      about: limitName,
      userId: typeof userId === "string"
        ? userId
        : person && userNames.ownerOfName(person, String(wanted)),
      clientId: typeof clientId === "string" ? clientId : null,
    });
  });
  return done;
}

function keyOf(deps: Deps, request: AdminRequest, name: string): Promise<LimitedKey> {
  const find = Object.hasOwn(limits, name) ? limits[name] : undefined;
  if (find === undefined) throw notFound("rate limit");
  return find(deps, request);
}
