import { decodeJwt } from "jose";
import type { AuditEvent } from "../../stores/audit_events.ts";
import type { Session } from "../../stores/sessions.ts";
import type { Landing } from "../support/browser.ts";
import { redirectUriOf } from "../support/clients.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { clientEntryOf, tryToken } from "./client.ts";
import { useCode } from "./client_life.ts";
import { grantIdOf, type InFront } from "./event_log.ts";
import { codeChallenge, issuer } from "./installation.ts";
import { digestOf } from "./tokens.ts";
import { type Party, patiently, unlessLost, type World } from "./world.ts";

const clientId = "shop";
/** Those that leave other records than a code alone does. */
const types = ["code id_token token", "code token", "id_token token", "id_token"];

/**
 * A client wants tokens by the redirect, from the user who is signed in in a browser; now and then the user
 * submits the page twice. A code beside the tokens is used as any other one.
 */
export async function askInFront(used: UsedBrowser, client: Party, thief: Party) {
  const { browser, party } = used;
  const { world } = party;
  const { chance } = client;
  const askedAt = world.scheduler.clock.milliseconds();
  const query = new URLSearchParams({
    response_type: chance.pick(types),
    client_id: clientId,
    redirect_uri: redirectUriOf(clientEntryOf(clientId)),
    scope: "openid",
    nonce: "nonce",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...(chance.happens(0.8) ? { prompt: "consent" } : {}),
  });
  const landing = await patiently(
    party,
    () => browser.open(`/authorize?${query}`),
    ({ response }) => response.status !== 503,
  );
  if (landing === null) return;
  const isPage = landing.url.pathname === "/consent" && landing.response.status === 200;
  const interactionId = isPage ? landing.url.searchParams.get("interaction") : null;
  const allow = () => unlessLost(() => browser.submit(landing, { decision: "allow" }));
  const landings = isPage
    ? await Promise.all(chance.happens(0.6) ? [allow(), allow()] : [allow()])
    : [landing];
  for (const { url } of landings.flatMap((one) => one ?? [])) {
    const told = new URLSearchParams(url.hash.slice(1));
    if (url.origin === issuer || told.has("error")) continue;
    const [code, accessToken, idToken] = ["code", "access_token", "id_token"].map((name) =>
      told.get(name)
    );
    const of = code ?? accessToken ?? String(decodeJwt(idToken ?? "").jti);
    const grantId = grantIdOf(of);
    const given: InFront = {
      interactionId,
      grantId,
      clientId,
      accessToken: accessToken ?? null,
      idToken: idToken ?? null,
    };
    world.eventLog.inFront.push(given);
    if (accessToken) await tryToken(client, clientId, accessToken);
    if (!code) continue;
    const received = { code, grantId, clientId, interactionId, requestUri: null, askedAt };
    world.eventLog.codes.push(received);
    await useCode(client, thief, received);
    if (accessToken) await tryToken(client, clientId, accessToken);
  }
}

/** A page gives tokens once, however often it is submitted, and each of them is stored. */
export function* givenOnce({ eventLog, history }: World): Generator<string> {
  const grants = new Map<string, string>();
  for (const { interactionId, grantId, accessToken } of eventLog.inFront) {
    const first = interactionId === null ? grantId : grants.get(interactionId) ?? grantId;
    if (interactionId !== null) grants.set(interactionId, first);
    if (first !== grantId) yield `a page gave tokens twice: ${interactionId}`;
    const isThere = history.find("grants", grantId) !== undefined;
    if (!isThere && !history.wasDeleted("grants", grantId)) yield `a grant was lost: ${grantId}`;
    if (accessToken !== null && isThere && !isStored(history, accessToken)) {
      yield `a token in a redirect was lost: ${grantId}`;
    }
  }
}

function isStored({ find }: World["history"], accessToken: string): boolean {
  return find("access_tokens", digestOf(accessToken)) !== undefined;
}

/** The client that the browser tells of the end of a session, by a frame. */
const framed = "phone";

/** What the logged-out page must open, seen before the user signs out. */
export interface ExpectedFrames {
  readonly sid: string;
  /** Whether the client got an ID token in the session, as far as it has heard. */
  readonly isDue: boolean;
}

export function expectedFrames({ history, eventLog }: World, sessionId: string): ExpectedFrames {
  const sid = history.find<Session>("sessions", sessionId)?.sid ?? "";
  const isDue = eventLog.receipts.some(({ clientId, tokens }) =>
    clientId === framed && tokens.id_token !== undefined && decodeJwt(tokens.id_token).sid === sid
  );
  return { sid, isDue };
}

/**
 * What is wrong with the frames of a logged-out page: one tells of another session, or one is missing that
 * the end of this session, by this very request, should have brought.
 *
 * @param isAlone whether it is the answer to the only request
 */
export function* frameProblems(
  { history }: World,
  sessionId: string,
  { sid, isDue }: ExpectedFrames,
  { page, isAlone }: { readonly page: Landing; readonly isAlone: boolean },
): Generator<string> {
  const frames = [...page.body.matchAll(/<iframe[^>]* src="([^"]*)"/g)].map(([, url = ""]) =>
    new URL(url.replaceAll("&amp;", "&"))
  );
  for (const { searchParams } of frames) {
    if (searchParams.get("sid") !== sid) yield "a frame tells of another session";
  }
  if (!isDue || !isAlone || frames.length > 0) return;
  const isOurs = ({ key, record }: { readonly key: Deno.KvKey; readonly record: unknown }) => {
    if (key[0] !== "audit_events") return false;
    const { type, reason, sessionId: ended } = record as AuditEvent;
    return type === "session_ended" && reason === "signed_out" && ended === sessionId;
  };
  if ([...history.records.values()].some(isOurs)) {
    yield `no frame tells ${framed} of the end of a session: ${sid}`;
  }
}
