import { tokensOf } from "../support/tokens.ts";
import { toldOfLogout } from "./logout_things.ts";
import { toldOfAnswer } from "./ping_things.ts";
import { authorizePath, cookieOf, credentials, type World } from "./world.ts";

/** Looks for what was acknowledged. @returns what is wrong, or null; `notYet`: it may still come */
export type Check = () => Promise<string | null | typeof notYet>;

/** A worker does this later: what a killed one was doing waits until its lease ends. */
export const notYet = Symbol("not yet");

/** Exactly one message must reach a client, at some time. */
export function oneMessage(count: number): string | null | typeof notYet {
  if (count === 0) return notYet;
  return count === 1 ? null : `${count} messages to its client`;
}

/** A step whose effect can be seen for as long as its records live. */
export interface AcknowledgedStep {
  readonly name: string;
  /** Does it. @returns once it is acknowledged, how to look for it */
  act(): Promise<Check>;
}

/** Requests that the server acknowledges. Their results must exist after a crash. */
export async function acknowledgedSteps(world: World): Promise<AcknowledgedStep[]> {
  const browser = await world.signedIn();
  const newTokens = async () => await tokensOf(await world.exchange(0, await world.code(browser)));
  const post = async (path: string, form: Record<string, string>) =>
    await acknowledged(await world.post(0, path, { ...form, ...credentials }));
  return [
    {
      name: "code exchange",
      async act() {
        const { access_token, refresh_token } = await newTokens();
        return looksFor(world, { active: [access_token, refresh_token] });
      },
    },
    {
      name: "refresh",
      async act() {
        const { refresh_token } = await newTokens();
        const refreshed = await post("/token", { grant_type: "refresh_token", refresh_token });
        const next = await tokensOf(refreshed);
        const active = [next.access_token, next.refresh_token];
        return looksFor(world, { active, inactive: [refresh_token] });
      },
    },
    {
      name: "revocation of a refresh token",
      async act() {
        const { access_token, refresh_token } = await newTokens();
        await post("/revoke", { token: refresh_token });
        return looksFor(world, { inactive: [access_token, refresh_token] });
      },
    },
    {
      name: "revocation of an access token",
      async act() {
        const { access_token, refresh_token } = await newTokens();
        await post("/revoke", { token: access_token });
        return looksFor(world, { active: [refresh_token], inactive: [access_token] });
      },
    },
    {
      name: "sign-in",
      async act() {
        const cookie = cookieOf(await world.signedIn());
        return async () => await isSignedIn(world, cookie) ? null : "the session is gone";
      },
    },
    {
      name: "sign-out",
      async act() {
        const cookie = cookieOf(await world.signedIn());
        const headers = { cookie, origin: world.issuer };
        await acknowledged(await world.request(0, "/session", { method: "DELETE", headers }));
        return async () => await isSignedIn(world, cookie) ? "the session lives again" : null;
      },
    },
    await toldOfLogout(world),
    await toldOfAnswer(world),
    {
      name: "a browser that stays signed in",
      async act() {
        const { url } = await browser.open(authorizePath({ prompt: "none", scope: "openid" }));
        if (!url.searchParams.has("code")) throw new Error(`no code at ${url}`);
        return () => Promise.resolve(null); // the answer says it all
      },
    },
  ];
}

async function isSignedIn(world: World, cookie: string): Promise<boolean> {
  const answer = await acknowledged(await world.request(0, "/session", { headers: { cookie } }));
  return (await answer.json()).signed_in;
}

function looksFor(
  world: World,
  { active = [], inactive = [] }: { active?: string[]; inactive?: string[] },
): Check {
  const isActive = async (token: string): Promise<boolean> => {
    const answer = await world.post(0, "/introspect", { token, ...credentials });
    return (await (await acknowledged(answer)).json()).active;
  };
  return async () => {
    for (const token of active) if (!await isActive(token)) return "a token is not active";
    for (const token of inactive) if (await isActive(token)) return "a token is active again";
    return null;
  };
}

async function acknowledged(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`an answer with the status ${response.status}: ${await response.text()}`);
}
