import { codeChallenge, issuer } from "./installation.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { clientEntryOf, codeForm, newestOf, present, refreshForm, tryToken } from "./client.ts";
import { signInAnew } from "./sign_in_anew.ts";
import { redirectUriOf } from "../support/clients.ts";
import { isGrantAlive } from "./tokens.ts";
import { type Party, party, type World } from "./world.ts";

/** When all is quiet: everybody tries what they were given once more, and everything is answered. */
export async function lookBack(world: World, browsers: readonly UsedBrowser[]) {
  const client = party(world, "looking back");
  const { eventLog, counts } = world;
  // Shortly after an outage a replay is not yet told from an honest retry.
  await world.scheduler.timers.sleep(15_000);
  const before = outages(counts.answers);
  await exchangeAfterAll(client);
  for (const { clientId, tokens } of [...eventLog.receipts]) {
    await tryToken(client, clientId, tokens.access_token);
  }
  for (const { clientId, accessToken } of eventLog.inFront) {
    if (accessToken !== null) await tryToken(client, clientId, accessToken);
  }
  for (const grantId of new Set(eventLog.receipts.map((receipt) => receipt.grantId))) {
    await refreshOnce(client, grantId);
  }
  for (const used of browsers) await askSilently(used);
  await signInAnew(client);
  if (outages(counts.answers) > before) world.findings.push("the server has not recovered");
}

function outages(answers: Readonly<Record<string, number>>): number {
  return (answers["503"] ?? 0) + (answers.lost ?? 0);
}

/** Codes whose exchange was never answered but by a 503 are no thief's: their clients try once more. */
async function exchangeAfterAll(client: Party) {
  const { eventLog } = client.world;
  for (const received of [...eventLog.codes]) {
    const uses = eventLog.usesOf(received.code);
    const last = uses.at(-1)?.process;
    if (!last?.isAlive || uses.some(({ status }) => status !== 503)) continue;
    await present(client, received.clientId, codeForm(received), last);
  }
}

async function refreshOnce(client: Party, grantId: string) {
  const { eventLog, history, findings } = client.world;
  const newest = newestOf(client, grantId);
  const refreshToken = newest?.tokens.refresh_token;
  if (newest === undefined || refreshToken === undefined) return;
  const wasAlive = isGrantAlive(history, grantId);
  // A user without an answer goes back to the page with the form.
  const last = eventLog.usesOf(refreshToken).at(-1)?.process;
  const to = last?.isAlive ? last : client.choose();
  const use = await present(client, newest.clientId, refreshForm(refreshToken), to);
  if (use.status === 200 && !wasAlive) findings.push("a grant was refreshed after its end");
  const renewed = newestOf(client, grantId);
  if (renewed) await tryToken(client, renewed.clientId, renewed.tokens.access_token);
}

/** Whether the browser is signed in, asked as a client does it. */
async function askSilently({ party, browser, isCertain, isCurrent }: UsedBrowser) {
  const parameters = {
    response_type: "code",
    client_id: "shop",
    redirect_uri: redirectUriOf(clientEntryOf("shop")),
    scope: "openid",
    prompt: "none",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  };
  const { url } = await browser.open(`/authorize?${new URLSearchParams(parameters)}`);
  const isSignedIn = url.origin !== issuer &&
    url.searchParams.get("error") !== "login_required";
  if (isCertain && isSignedIn !== isCurrent()) {
    party.world.findings.push(`a browser is ${isSignedIn ? "still" : "not"} signed in`);
  }
}
