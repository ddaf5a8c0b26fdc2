import { rowFields } from "../support/account.ts";
import type { Grant } from "../../stores/grants.ts";
import { submitTo } from "../support/factors.ts";
import type { UsedBrowser } from "./browser_party.ts";
import { isGrantAlive } from "./tokens.ts";
import { unlessLost } from "./world.ts";

const applications = "/account/applications";
const sessions = "/account/sessions";

/** Withdraws an application on its page, if the person is signed in and has allowed it anything. */
export async function withdraw({ browser, party: { world } }: UsedBrowser, clientId: string) {
  const { eventLog, history } = world;
  const query = new URLSearchParams({ client: clientId });
  const page = await unlessLost(() => browser.open(`${applications}/withdraw?${query}`));
  if (page?.response.status !== 200 || !page.url.pathname.endsWith("/withdraw")) return;
  const userId = personIn(browser.cookies);
  if (userId === null) return;
  const given = [...history.records.values()].filter(({ key, record }) => {
    if (key[0] !== "grants") return false;
    const grant = record as Grant;
    return grant.userId === userId && grant.clientId === clientId;
  }).map(({ key }) => String(key[1]));
  eventLog.askedToEnd.add(`application ${userId} ${clientId}`);
  const path = `${applications}/withdraw`;
  const done = await unlessLost(() => submitTo(browser, page, path, {}));
  if (done?.url.searchParams.get("done") !== "withdrawn") return;
  for (const grantId of given) {
    if (isGrantAlive(history, grantId)) world.findings.push(`${grantId} outlives its withdrawal`);
  }
}

/** Ends one of the person's sessions, this one or another. */
export async function endOneSession({ browser, party: { world, chance } }: UsedBrowser) {
  const { eventLog } = world;
  const page = await unlessLost(() => browser.open(sessions));
  if (page?.response.status !== 200 || page.url.pathname !== sessions) return;
  const listed = rowFields(page.body).filter(({ session }) => session !== undefined);
  if (listed.length === 0) return;
  const { session = "", ...fields } = chance.pick(listed);
  eventLog.askedToEnd.add(`session ${session}`);
  const done = await unlessLost(() =>
    browser.open(`${sessions}/end`, {
      method: "POST",
      body: new URLSearchParams({ ...fields, session }),
    })
  );
  if (done?.url.searchParams.get("done") !== "ended") return;
  eventLog.ends.push({ what: "session", id: session });
}

function personIn(cookies: ReadonlyMap<string, string>): string | null {
  return cookies.get("__Host-latchkey_session")?.split(".")[0] ?? null;
}
