import type { UsedBrowser } from "./browser_party.ts";
import { expectedFrames, frameProblems } from "./front_channel.ts";
import { unlessLost } from "./world.ts";

/** Signs out, by a client's request that the person confirms, or from a page of ours. */
export async function signOut(used: UsedBrowser) {
  const { party: { chance, world }, signIns } = used;
  const sessionId = used.sessionId();
  if (sessionId === null) return;
  world.eventLog.askedToEnd.add(`session ${sessionId}`);
  // An older cookie opens nothing, and so ends nothing.
  const isSure = used.isCertain && used.isCurrent() && signIns.open === 0;
  const { sent } = signIns;

  const isDone =
    await (chance.happens(0.5) ? signOutHere(used) : signOutForClient(used, sessionId));
  if (isDone && isSure && signIns.sent === sent) {
    world.eventLog.ends.push({ what: "session", id: sessionId });
  }
}

async function signOutHere({ browser }: UsedBrowser): Promise<boolean> {
  const response = await unlessLost(() => browser.send("/session", { method: "DELETE" }));
  return response?.status === 204;
}

async function signOutForClient(
  { party, browser }: UsedBrowser,
  sessionId: string,
): Promise<boolean> {
  const asked = await unlessLost(() => browser.open("/logout"));
  if (asked === null || asked.response.status !== 200) return false;
  if (!asked.body.includes("<form")) return false;
  const expected = expectedFrames(party.world, sessionId);
  const confirm = () => unlessLost(() => browser.submit(asked, {}));
  const answers = await Promise.all(
    party.chance.happens(0.3) ? [confirm(), confirm()] : [confirm()],
  );
  for (const page of answers) {
    if (page?.response.status !== 200) continue;
    const isAlone = answers.length === 1;
    const problems = frameProblems(party.world, sessionId, expected, { page, isAlone });
    party.world.findings.push(...problems);
  }
  return answers.some((answer) => answer?.response.status === 200);
}
