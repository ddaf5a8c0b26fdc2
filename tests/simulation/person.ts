import { en } from "../../src/language/strings/en.ts";
import { formOf, type Landing } from "../support/browser.ts";
import { redirectUriOf } from "../support/clients.ts";
import { secondFactorPath, submitTo } from "../support/factors.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { grantIdOf, type ReceivedCode } from "./event_log.ts";
import { clientEntryOf, credentialsOf, posted } from "./client.ts";
import { codeChallenge, issuer } from "./installation.ts";
import { signInByMail } from "./mail_sign_in.ts";
import { signInByPasskey } from "./passkeys.ts";
import type { Person } from "./people.ts";
import { isInFlux, passkeysOf, passwordOf, userOf } from "./persons_now.ts";
import { secondFactorCode } from "./second_factor.ts";
import { signUp } from "./sign_up.ts";
import { patiently, unlessLost } from "./world.ts";

/** An authorization request on its way through a browser. */
export interface Visit {
  readonly person: Person;
  readonly clientId: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Null: the parameters are in the URL. */
  readonly requestUri: string | null;
}

/** The request of a client, pushed or not; null if it could not be pushed. */
export async function newVisit(
  { party }: UsedBrowser,
  { person, clientId, push, prompt }: {
    person: Person;
    clientId: string;
    push: boolean;
    prompt?: string;
  },
): Promise<Visit | null> {
  const { chance } = party;
  const parameters = {
    response_type: "code",
    redirect_uri: redirectUriOf(clientEntryOf(clientId)),
    scope: chance.happens(0.7) ? "openid offline_access" : "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...(prompt === undefined ? {} : { prompt }),
  };
  if (!push) return { person, clientId, parameters, requestUri: null };
  const form = posted({ ...parameters, ...credentialsOf(clientId) });
  const response = await patiently(
    party,
    () => party.send("/par", form),
    ({ status }) => status !== 503,
  );
  if (response?.status !== 201) return null;
  const { request_uri: requestUri } = await response.json();
  return { person, clientId, parameters, requestUri };
}

/** Takes a request through its pages. @returns the codes that the client gets, the last one last */
export async function takeThrough(used: UsedBrowser, visit: Visit): Promise<ReceivedCode[]> {
  const { party: { world, chance } } = used;
  const askedAt = world.scheduler.clock.milliseconds();
  const { clientId, parameters, requestUri } = visit;
  const query = requestUri === null ? parameters : { request_uri: requestUri };
  const path = `/authorize?${new URLSearchParams({ client_id: clientId, ...query })}`;

  let landings: Landing[] = [];
  let interactionId: string | null = null;
  let landing = await openPatiently(used, path);
  for (let pages = 0; pages < 7 && landing !== null; pages++) {
    const isReloaded = landing.url.origin === issuer && landing.url.search !== "";
    if (isReloaded && chance.happens(0.03)) {
      landing = await openPatiently(used, pathOf(landing)) ?? landing;
    }
    const way = landing.url.pathname === "/login" ? otherWay(used, visit, landing) : null;
    if (way !== null) {
      interactionId = landing.url.searchParams.get("interaction");
      landing = await way(used, visit.person, landing);
      landings = [];
      continue;
    }
    const fields = await fieldsFor(used, visit, landing);
    if (fields === null) break;
    interactionId = formOf(landing.body).hidden.interaction ?? null;
    landings = await submitPatiently(used, landing, fields);
    landing = landings.at(-1) ?? null;
  }
  if (landings.length === 0 && landing !== null) landings = [landing];
  return landings.flatMap((reached) => {
    const code = codeAt(reached);
    if (code === null) return [];
    const grantId = grantIdOf(code);
    const received = { code, grantId, clientId, interactionId, requestUri, askedAt };
    world.eventLog.codes.push(received);
    return [received];
  });
}

/** How somebody gets on from the sign-in page; null: by a password. */
function otherWay(
  { party: { chance, world } }: UsedBrowser,
  { person }: Visit,
  { body }: Landing,
) {
  if (userOf(world, person) === null) return signUp;
  if (passkeysOf(world, person).length > 0 && body.includes('id="passkey-form"')) {
    if (passwordOf(world, person) === null || chance.happens(0.6)) return signInByPasskey;
  }
  return chance.happens(0.2) ? signInByMail : null;
}

async function fieldsFor(
  { party: { chance, world } }: UsedBrowser,
  { person }: Visit,
  { url, body }: Landing,
): Promise<Record<string, string> | null> {
  if (url.origin !== issuer || !body.includes("<form")) return null;
  if (url.pathname === "/consent") return { decision: chance.happens(0.9) ? "allow" : "deny" };
  if (url.pathname === secondFactorPath) {
    return { code: await secondFactorCode(world, person, chance) };
  }
  if (url.pathname !== "/login") return null;
  const isRefused = body.includes(en.login.errors.wrong_credentials) && !body.includes("mistyped");
  if (isRefused && !isInFlux(world, userOf(world, person)?.userId)) {
    world.findings.push("a right password was refused");
  }
  const right = passwordOf(world, person);
  const password = right === null || chance.happens(0.03) ? "mistyped" : right;
  return { username: password === "mistyped" ? "mistyped" : person.username, password };
}

async function submitPatiently(
  used: UsedBrowser,
  landing: Landing,
  fields: Record<string, string>,
): Promise<Landing[]> {
  const { party, browser } = used;
  const isSecondFactor = landing.url.pathname === secondFactorPath;
  const submit = () =>
    isSecondFactor
      ? submitTo(browser, landing, secondFactorPath, fields)
      : browser.submit(landing, fields);
  if (party.chance.happens(0.2)) {
    // A double click: the browser follows the second one, but both are under way.
    const both = await Promise.all([unlessLost(submit), unlessLost(submit)]);
    const followed = both.flatMap((one) => one === null ? [] : [one]);
    const last = followed.at(-1);
    if (last && last.response.status !== 503) return followed;
  }
  const reached = await patiently(party, submit, ({ response }) => response.status !== 503);
  if (reached === null || reached.response.status !== 503) return reached ? [reached] : [];
  // The failed request may have been the page after the POST.
  const again = reached.url.search === "" ? null : await openPatiently(used, pathOf(reached));
  return again ? [again] : [];
}

function openPatiently({ party, browser }: UsedBrowser, path: string): Promise<Landing | null> {
  return patiently(party, () => browser.open(path), ({ response }) => response.status !== 503);
}

function pathOf({ url }: Landing): string {
  return url.pathname + url.search;
}

function codeAt({ url }: Landing): string | null {
  return url.origin === issuer ? null : url.searchParams.get("code");
}
