import { type AcknowledgedStep, oneMessage } from "./acknowledged.ts";
import type { SingleUse } from "./attempt.ts";
import { countOnceThere, countThere, type Meant, operatorsToken } from "./operator.ts";
import { authorizePath, club, cookieOf, patiently, told, type World } from "./world.ts";
import { codeVerifier } from "../support/provider.ts";
import { redirectUriOf } from "../support/clients.ts";

/** A browser whose session has a client that is told of its end. */
interface ToldSession {
  readonly id: string;
  readonly headers: Record<string, string>;
}

/** The end of a session, of which its client is told by one message. */
export const logoutThings: readonly SingleUse[] = [{
  name: "end of a session (one message to its client)",
  refusals: ["another counts"],
  every: 4, // each round signs somebody in
  onlyRaced: true, // a second attempt is no refusal: `toldOfLogout` is looked for after a kill
  async prepare(world) {
    const accessToken = await operatorsToken(world);
    return async () => {
      const session = await toldSession(world);
      let isCounted = false;
      return async (n) => {
        const ended = await signOut(world, n, session);
        if (ended.status !== 204) return await told(ended);
        return async () => {
          if (isCounted) return "another counts";
          isCounted = true;
          const messages = await countOnceThere(world, accessToken, messagesOf(session));
          return messages === 1 ? "won" : `${messages} messages`;
        };
      };
    };
  },
}];

/** A sign-out that was acknowledged, and then the process was killed: the client's message is there. */
export async function toldOfLogout(world: World): Promise<AcknowledgedStep> {
  const accessToken = await operatorsToken(world);
  return {
    name: "sign-out that a client is told of",
    async act() {
      const session = await toldSession(world);
      const ended = await signOut(world, 0, session);
      if (ended.status !== 204) throw new Error(await told(ended));
      return async () => oneMessage(await countThere(world, accessToken, messagesOf(session)));
    },
  };
}

async function toldSession(world: World): Promise<ToldSession> {
  const browser = await world.signedIn();
  const { client_id, client_secret = "" } = club;
  const redirect_uri = redirectUriOf(club);
  const { url } = await browser.open(authorizePath({ client_id, redirect_uri, scope: "openid" }));
  const form = {
    grant_type: "authorization_code",
    code: url.searchParams.get("code") ?? "",
    redirect_uri,
    code_verifier: codeVerifier,
    client_id,
    client_secret,
  };
  const exchanged = await patiently(() => world.post(0, "/token", form));
  if (!exchanged.ok) throw new Error(await told(exchanged));
  await exchanged.body?.cancel();
  const cookie = cookieOf(browser);
  const id = /latchkey_session=[^.;]*\.([^.;]*)\./.exec(cookie)?.[1] ?? "";
  return { id, headers: { cookie, origin: world.issuer } };
}

async function signOut(world: World, n: number, { headers }: ToldSession): Promise<Response> {
  return await world.request(n, "/session", { method: "DELETE", headers });
}

/** The messages for the clients of a session. */
function messagesOf({ id }: ToldSession): Meant {
  return { list: "logout-messages", isMeant: ({ session_id }) => session_id === id };
}
