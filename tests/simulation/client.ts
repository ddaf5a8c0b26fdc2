import type { TokenResponse } from "../../src/issuing/token_response.ts";
import { tokenTypes } from "../../stores/exchange_policy.ts";
import { tokenExchange } from "../../stores/grant_types.ts";
import { redirectUriOf } from "../support/clients.ts";
import { generationOf, grantIdOf, type Receipt, type ReceivedCode, type Use } from "./event_log.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant } from "../support/devices.ts";
import {
  callCentre,
  clientEntries,
  codeVerifier,
  errand,
  television,
  teller,
} from "./installation.ts";
import type { Process } from "./process.ts";
import { isTokenAlive } from "./tokens.ts";
import { type Party, unlessLost } from "./world.ts";

type Form = Readonly<Record<string, string>>;

export function clientEntryOf(clientId: string) {
  return [...clientEntries, television, callCentre, teller].find(({ client_id }) =>
    client_id === clientId
  ) ??
    clientEntries[0];
}

/** Form parameters with which a client says who it is. */
export function credentialsOf(clientId: string): Form {
  const { client_id, client_secret } = clientEntryOf(clientId);
  return client_secret === undefined ? { client_id } : { client_id, client_secret };
}

export function posted(form: Form): RequestInit {
  return { method: "POST", body: new URLSearchParams(form) };
}

export function codeForm({ code, clientId }: ReceivedCode): Form {
  if (clientId === television.client_id) return { grant_type: deviceGrant, device_code: code };
  if (clientId === callCentre.client_id) return { grant_type: cibaGrant, auth_req_id: code };
  return {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUriOf(clientEntryOf(clientId)),
    code_verifier: codeVerifier,
  };
}

export function refreshForm(refreshToken: string): Form {
  return { grant_type: "refresh_token", refresh_token: refreshToken };
}

/** The same for less than was granted, now and then, if that can be less. */
export function narrowForm(party: Party, refreshToken: string): Form {
  const form = refreshForm(refreshToken);
  const { withDetails } = party.world.eventLog;
  if (!withDetails.has(grantIdOf(refreshToken)) || party.chance.happens(0.5)) return form;
  const part = { ...errand, actions: [party.chance.pick(errand.actions)] };
  return { ...form, authorization_details: JSON.stringify([part]) };
}

/** Whether a token has the authorization details that its request names, or else all that were granted. */
function hasDetails({ world }: Party, form: Form, tokens: TokenResponse): boolean {
  const isAsked = world.eventLog.withDetails.has(grantIdOf(tokens.access_token));
  const whole = isAsked ? JSON.stringify([errand]) : undefined;
  return JSON.stringify(tokens.authorization_details) === (form.authorization_details ?? whole);
}

/** Presents a code or a refresh token once. */
export async function present(
  party: Party,
  clientId: string,
  form: Form,
  to: Process = party.choose(),
): Promise<Use> {
  const { eventLog, findings, scheduler } = party.world;
  const thing = form.code ?? form.device_code ?? form.auth_req_id ?? form.refresh_token ?? "";
  const use = eventLog.present(thing, to);
  const response = await unlessLost(() =>
    party.send("/token", posted({ ...form, ...credentialsOf(clientId) }), to)
  );
  if (response === null) return use;
  const body: TokenResponse & { error?: string } = await response.json();
  const time = scheduler.clock.milliseconds();
  eventLog.answer(use, { status: response.status, error: body.error ?? null, time });
  if (response.status === 200) {
    const received = eventLog.moment();
    const grantId = grantIdOf(body.access_token);
    if (grantId !== grantIdOf(thing)) findings.push("a token of another grant was issued");
    if (!hasDetails(party, form, body)) findings.push("a token has other details than it should");
    eventLog.receipts.push({ clientId, grantId, tokens: body, use, received });
  } else if (body.error === undefined) findings.push("/token: an error without its code");
  return use;
}

/** Presents it as a good client does: again after a 503, and to the same server. */
export async function presentHonestly(party: Party, clientId: string, form: Form): Promise<Use> {
  const to = party.choose();
  for (let tried = 1;; tried++) {
    const use = await present(party, clientId, form, to);
    if (use.status !== 503 || tried === 6 || !to.isAlive) return use;
    await party.pause(200 * 2 ** tried);
  }
}

/** Presents it twice at the same moment. */
export async function presentTwice(party: Party, clientId: string, form: Form) {
  await Promise.all([present(party, clientId, form), present(party, clientId, form)]);
}

/** The response that delivered a grant's newest refresh token; undefined without one. */
export function newestOf(party: Party, grantId: string): Receipt | undefined {
  const generation = ({ tokens }: Receipt) => generationOf(tokens.refresh_token ?? "");
  return receiptsOf(party, grantId)
    .filter(({ tokens }) => tokens.refresh_token !== undefined)
    .sort((a, b) => generation(b) - generation(a))[0];
}

export function receiptsOf({ world }: Party, grantId: string): Receipt[] {
  return world.eventLog.receipts.filter((receipt) => receipt.grantId === grantId);
}

/** Revokes an access token, or by a refresh token all of its grant. */
export async function revoke(party: Party, clientId: string, token: string) {
  const { eventLog } = party.world;
  const isGrant = token.startsWith("rt_");
  const id = isGrant ? grantIdOf(token) : token;
  const what = isGrant ? "grant" : "access token";
  eventLog.askedToEnd.add(`${what} ${id}`);
  const form = { token, ...credentialsOf(clientId) };
  const response = await unlessLost(() => party.send("/revoke", posted(form)));
  if (response?.status === 200) eventLog.ends.push({ what, id });
}

/** Asks whether a token is good, and compares that with what is stored. */
export async function tryToken(party: Party, clientId: string, accessToken: string) {
  const { history, findings, counts } = party.world;
  const wasAlive = isTokenAlive(history, accessToken);
  const isForApi = party.world.eventLog.withDetails.has(grantIdOf(accessToken));
  const works = clientId === "phone" || (!isForApi && party.chance.happens(0.5))
    ? await worksAtUserinfo(party, accessToken)
    : await worksAtIntrospection(party, clientId, accessToken);
  if (works === null) return;
  counts.checked++;
  if (works && !wasAlive) findings.push("a token opened something after its end");
  if (!works && isTokenAlive(history, accessToken)) findings.push("a good token was refused");
}

/** Null: that could not be found out. */
async function worksAtUserinfo(party: Party, accessToken: string): Promise<boolean | null> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await unlessLost(() => party.send("/userinfo", { headers }));
  await response?.body?.cancel();
  return response === null || response.status === 503 ? null : response.status === 200;
}

async function worksAtIntrospection(
  party: Party,
  clientId: string,
  token: string,
): Promise<boolean | null> {
  const form = { token, ...credentialsOf(clientId) };
  const response = await unlessLost(() => party.send("/introspect", posted(form)));
  const body: { active?: boolean } | undefined = await response?.json();
  return body?.active ?? null;
}

/** Exchanges an access token for a narrower one, and compares the answer with what is stored. */
export async function tradeToken(party: Party, clientId: string, accessToken: string) {
  const { history, findings, counts } = party.world;
  const wasAlive = isTokenAlive(history, accessToken);
  const form = {
    grant_type: tokenExchange,
    subject_token: accessToken,
    subject_token_type: tokenTypes.accessToken,
    scope: "openid",
    ...credentialsOf(clientId),
  };
  const response = await unlessLost(() => party.send("/token", posted(form)));
  if (response === null || response.status === 503) return;
  counts.checked++;
  const body: TokenResponse = await response.json();
  if (response.status === 200) {
    if (!wasAlive) findings.push("a token was exchanged after its end");
    if (grantIdOf(body.access_token) !== grantIdOf(accessToken)) {
      findings.push("a token was exchanged for one of another grant");
    }
    await party.pause(300);
    await tryToken(party, clientId, body.access_token);
  } else if (isTokenAlive(history, accessToken)) findings.push("a good token was not exchanged");
}
