import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { digest } from "../../src/crypto/digest.ts";
import { anAuthenticator } from "../support/authenticator.ts";
import { type Browser, formOf } from "../support/browser.ts";
import {
  creationOptions,
  passkeyForm,
  passkeysPage,
  requestOptions,
  sendCredential,
} from "../support/passkeys.ts";
import { tokensOf } from "../support/tokens.ts";
import { authorization, authorizePath, carol, cookieOf, credentials } from "./world.ts";
import { patiently, robot, told, webOrigin, type World } from "./world.ts";

/** What came of an attempt: `won`, or the answer to who came too late. */
export type Outcome = string;

/** One attempt at a thing, at the n-th process. Some only show who won when all have been made. */
export type Attempt = (n: number) => Promise<Outcome | (() => Promise<Outcome>)>;

/** Something that opens its door once. */
export interface SingleUse {
  readonly name: string;
  /** What those are answered who come too late. */
  readonly refusals: readonly Outcome[];
  /** Of so many rounds one is run: for what is expensive on purpose. */
  readonly every?: number;
  /** Whether who has used it may do so again, as long as only the last answer counts. */
  readonly mayRepeat?: boolean;
  /** Whether its rounds are run one by one: each keeps the machine busy by itself. */
  readonly alone?: boolean;
  /** @returns what makes a new one for each round */
  prepare(world: World): Promise<() => Promise<Attempt>>;
}

const won = (status: number) => async (response: Response): Promise<Outcome> => {
  if (response.status !== status) return await told(response);
  await response.body?.cancel();
  return "won";
};

/**
 * Each is raced by `races.ts`. Whatever else opens once, a link or a code that is mailed, a passkey's
 * challenge, is added here, with the answer that who comes too late must get.
 */
export const singleUseThings: readonly SingleUse[] = [
  {
    name: "authorization code",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const code = await world.code(browser);
        return async (n) => await won(200)(await world.exchange(n, code));
      };
    },
  },
  {
    name: "refresh token that rotates",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const code = await world.code(browser);
        const { refresh_token } = await tokensOf(
          await patiently(() => world.exchange(0, code)),
        );
        const form = { grant_type: "refresh_token", refresh_token, ...credentials };
        return async (n) => await won(200)(await world.post(n, "/token", form));
      };
    },
  },
  {
    name: "`request_uri` of a pushed request",
    refusals: ["400 invalid_request_uri"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const form = { ...authorization, ...credentials };
        const pushed = await patiently(() => world.post(0, "/par", form));
        const { request_uri } = await pushed.json();
        const path = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
        return async (n) => {
          const answer = await world.request(n, path, { headers: { cookie: cookieOf(browser) } });
          return answer.headers.get("location")?.includes("code=") ? "won" : await told(answer);
        };
      };
    },
  },
  {
    name: "DPoP proof at userinfo",
    refusals: ["401 invalid_dpop_proof"],
    async prepare(world) {
      const proofOf = await aProver(world.issuer);
      const code = await world.code(await world.signedIn(), { dpop_jkt: proofOf.thumbprint });
      const exchanged = await world.exchange(0, code, { dpop: await proofOf("POST", "/token") });
      const { access_token } = await tokensOf(exchanged);
      return async () => {
        const dpop = await proofOf("GET", "/userinfo", await digest(access_token));
        const headers = { authorization: `DPoP ${access_token}`, dpop };
        return async (n) => await won(200)(await world.request(n, "/userinfo", { headers }));
      };
    },
  },
  {
    name: "DPoP proof at the token endpoint",
    refusals: ["400 invalid_dpop_proof"],
    async prepare(world) {
      const proofOf = await aProver(world.issuer);
      const { client_id, client_secret = "" } = robot;
      const form = { grant_type: "client_credentials", client_id, client_secret };
      return async () => {
        const dpop = await proofOf("POST", "/token");
        return async (n) => await won(200)(await world.post(n, "/token", form, { dpop }));
      };
    },
  },
  {
    name: "consent page (one grant, one code that works)",
    // All clicks are answered with a code, but each code takes the place of the one before.
    refusals: ["400 invalid_grant"],
    every: 3, // fifty writes in a row, not one
    mayRepeat: true,
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "consent" }));
        const { action, hidden } = formOf(page.body);
        const form = { ...hidden, decision: "allow" };
        return async (n) => {
          const answer = await world.post(n, action, form, ownForm(world, browser));
          const location = answer.headers.get("location");
          const code = location && new URL(location, world.issuer).searchParams.get("code");
          if (!code) return await told(answer);
          return async () => await won(200)(await world.exchange(n, code));
        };
      };
    },
  },
  {
    name: "interaction (resumed and exchanged at once)",
    // Each resumption gives a code for as long as none has been used, and takes back the one before.
    refusals: ["400 invalid_grant", "400 invalid_request"],
    every: 2, // two requests an attempt, and many writes
    mayRepeat: true,
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "select_account" }));
        const { action, hidden } = formOf(page.body);
        const body = new URLSearchParams({ ...hidden, choice: "continue" });
        const chosen = await browser.send(action, { method: "POST", body });
        await chosen.body?.cancel();
        const path = chosen.headers.get("location") ?? "";
        return async (n) => {
          const answer = await world.request(n, path, { headers: { cookie: cookieOf(browser) } });
          const location = answer.headers.get("location");
          const code = location && new URL(location, world.issuer).searchParams.get("code");
          return code ? await won(200)(await world.exchange(n + 1, code)) : await told(answer);
        };
      };
    },
  },
  {
    name: "session token",
    refusals: ["400 invalid_grant"],
    async prepare(world) {
      const browser = await world.signedIn();
      return async () => {
        const { client_id } = credentials;
        const headers = { cookie: cookieOf(browser), origin: webOrigin };
        const issued = await patiently(() =>
          world.post(0, "/session/token", { client_id }, headers)
        );
        const form = { token: (await issued.json()).token, ...credentials };
        return async (n) => await won(200)(await world.post(n, "/session/token/verify", form));
      };
    },
  },
  {
    name: "passkey challenge",
    refusals: ["401"],
    async prepare(world) {
      const browser = await world.signedIn();
      const authenticator = anAuthenticator({ origin: world.issuer });
      const account = await browser.open(passkeysPage);
      const made = await authenticator.create(await creationOptions(browser, account));
      await sendCredential(browser, account, made);
      return async () => {
        const page = await browser.open(authorizePath({ prompt: "login" }));
        const credential = await authenticator.get(await requestOptions(browser, page));
        const form = { ...passkeyForm(page.body), credential: JSON.stringify(credential) };
        const headers = ownForm(world, browser);
        return async (n) => await won(303)(await world.post(n, "/login/passkey", form, headers));
      };
    },
  },
  {
    name: "counter of a passkey",
    // Each answers a challenge of its own: two with one count are two authenticators.
    refusals: ["403 access_denied"],
    every: 5, // each attempt has a browser and a page of its own
    async prepare(world) {
      const owner = await world.signedIn();
      const authenticator = anAuthenticator({ origin: world.issuer });
      const account = await owner.open(passkeysPage);
      const made = await authenticator.create(await creationOptions(owner, account));
      await sendCredential(owner, account, made);
      let counter = 0;
      return () => {
        counter++;
        return Promise.resolve(async (n) => {
          const browser = world.browser();
          const page = await browser.open(authorizePath());
          const options = await requestOptions(browser, page);
          const credential = await authenticator.get(options, { counter });
          const form = { ...passkeyForm(page.body), credential: JSON.stringify(credential) };
          return await won(303)(
            await world.post(n, "/login/passkey", form, ownForm(world, browser)),
          );
        });
      };
    },
  },
  {
    name: "password reset link",
    refusals: ["400 invalid_request"],
    every: 5, // each attempt hashes a password
    alone: true,
    prepare(world) {
      const browser = world.browser();
      return Promise.resolve(async () => {
        const token = await mailedToken(world, browser);
        const page = await browser.open(`/password-reset/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) => {
          const password = `another password, the ${n}th`;
          const form = { ...hidden, password, password_repeat: password };
          return await won(303)(await world.post(n, action, form, ownForm(world, browser)));
        };
      });
    },
  },
  {
    name: "magic link",
    // Who comes too late goes on with the sign-in that the first has finished, without a session.
    refusals: ["303"],
    every: 3, // a mail has to come first
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser, mail } = await askForMail(world, "link");
        const token = await mail(/magic-link\/confirm\?token=([\w.-]+)/);
        const page = await browser.open(`/magic-link/confirm?token=${token}`);
        const { action, hidden } = formOf(page.body);
        return async (n) =>
          await wonSession(await world.post(n, action, hidden, ownForm(world, browser)));
      });
    },
  },
  {
    name: "e-mail code",
    // Of 50 at once five have a try, and one of these a session.
    refusals: ["303", "401"],
    every: 3, // a mail has to come first
    prepare(world) {
      return Promise.resolve(async () => {
        const { browser, page, mail } = await askForMail(world, "code");
        const code = await mail(/^(\d{6})$/m);
        const { action, hidden } = formOf(page.body);
        const form = { ...hidden, code };
        return async (n) =>
          await wonSession(await world.post(n, action, form, ownForm(world, browser)));
      });
    },
  },
];

/** Whether an answer signs somebody in. */
async function wonSession(response: Response): Promise<Outcome> {
  const cookies = response.headers.getSetCookie();
  if (!cookies.some((cookie) => cookie.includes("latchkey_session="))) return await told(response);
  await response.body?.cancel();
  return "won";
}

/** What a browser sends along with a form of one of our pages. */
function ownForm({ issuer }: World, browser: Browser): Record<string, string> {
  return { cookie: cookieOf(browser), origin: issuer };
}

/** Makes proofs of one key, each with a `jti` of its own. @see RFC 9449 section 4.2 */
async function aProver(issuer: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const prove = (htm: string, path: string, ath?: string) =>
    new SignJWT({ htm, htu: issuer + path, jti: crypto.randomUUID(), ...(ath ? { ath } : {}) })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
      .setIssuedAt()
      .sign(privateKey);
  return Object.assign(prove, { thumbprint: await calculateJwkThumbprint(jwk, "sha256") });
}

/** Asks for a reset and reads the mail. */
async function mailedToken(world: World, browser: Browser): Promise<string> {
  const mail = mailFrom(world);
  const page = await browser.open("/password-reset");
  await browser.submit(page, { username: carol.username });
  return await mail(/password-reset\/confirm\?token=([\w-]+)/);
}

/** Begins a sign-in in a new browser, and asks for a mail to it. */
async function askForMail(world: World, way: "link" | "code") {
  const browser = world.browser();
  const mail = mailFrom(world);
  const login = await browser.open(authorizePath({}));
  const request = await browser.open(`/magic-link${login.url.search}`);
  const page = await browser.submit(request, { email: carol.claims.email, way });
  return { browser, page, mail };
}

/** Reads a mail that comes from here on, which a process in development prints. */
function mailFrom({ processes }: World): (part: RegExp) => Promise<string> {
  const printed = processes.map((server) => server.output().length);
  return async (part) => {
    for (const giveUpAt = Date.now() + 90_000; Date.now() < giveUpAt;) {
      for (const [index, server] of processes.entries()) {
        const found = part.exec(server.output().slice(printed[index]))?.[1];
        if (found !== undefined) return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("the mail did not come");
  };
}
