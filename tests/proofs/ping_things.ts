import { formOf } from "../support/browser.ts";
import { type AcknowledgedStep, oneMessage } from "./acknowledged.ts";
import { ownForm, type SingleUse } from "./attempt.ts";
import { countOnceThere, countThere, type Meant, operatorsToken } from "./operator.ts";
import { erin, patiently, till, told, type World } from "./world.ts";

type Decision = "allow" | "deny";

/** A request that waits for its user. */
interface Waiting {
  /** Of the grant that it may lead to. */
  readonly id: string;
  answer(n: number, decision: Decision): Promise<Response>;
}

/** Who allows a request again in the same session reads that it is allowed. Nothing else may follow. */
const allowedAlready = "it is allowed already";

/** The answer to a request, of which its client is told by one message. */
export const pingThings: readonly SingleUse[] = [{
  name: "answer to a request (one message to its client)",
  refusals: ["400", allowedAlready],
  every: 4, // each round signs somebody in
  onlyRaced: true, // the sign-in gets too old for a later attempt; `toldOfAnswer` is looked for
  async prepare(world) {
    const accessToken = await operatorsToken(world);
    return async () => {
      const waiting = await aWaitingRequest(world);
      let decided: Decision | null = null;
      return async (n) => {
        const decision = n % 2 === 0 ? "allow" : "deny";
        const answered = await waiting.answer(n, decision);
        if (answered.status !== 303) return await told(answered);
        if (decided === "allow" && decision === "allow") return allowedAlready;
        decided = decision;
        return async () => {
          const messages = await countOnceThere(world, accessToken, messagesOf(waiting));
          return messages === 1 ? "won" : `${messages} messages`;
        };
      };
    };
  },
}];

/** An answer that was acknowledged, and then the process was killed: its client is told. */
export async function toldOfAnswer(world: World): Promise<AcknowledgedStep> {
  const accessToken = await operatorsToken(world);
  return {
    name: "answer that a client is told of",
    async act() {
      const waiting = await aWaitingRequest(world);
      const answered = await waiting.answer(0, "allow");
      if (answered.status !== 303) throw new Error(await told(answered));
      return async () => oneMessage(await countThere(world, accessToken, messagesOf(waiting)));
    },
  };
}

async function aWaitingRequest(world: World): Promise<Waiting> {
  const browser = await world.signedIn(erin); // recently
  const { client_id, client_secret = "" } = till;
  const form = {
    client_id,
    client_secret,
    scope: "openid",
    login_hint: erin.username,
    client_notification_token: crypto.randomUUID(),
  };
  const begun = await patiently(() => world.post(0, "/backchannel_authentication", form));
  const { auth_req_id } = await begun.json();
  const [id = ""] = auth_req_id.split(".");
  // All requests of this client look the same, so the form of each is that of another with its id.
  const { action, hidden } = formOf((await browser.open("/account/requests")).body);
  return {
    id,
    answer: (n, decision) =>
      world.post(n, action, { ...hidden, id, decision }, ownForm(world, browser)),
  };
}

/** The messages that the client has accepted. */
function messagesOf({ id }: Waiting): Meant {
  const query = new URLSearchParams({ type: "client_told_of_answer", client_id: till.client_id });
  return { list: `audit-events?${query}`, isMeant: ({ grant_id }) => grant_id === id };
}
