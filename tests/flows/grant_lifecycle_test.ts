import { assertEquals } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { accountBrowser, postAccount } from "../support/account.ts";
import { sessionCookie } from "../support/authorization.ts";
import { newestLink, sentMails } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { rotateSigningKey } from "../support/signing_keys.ts";
import { answersOf, constraints, everyGrant, type World } from "./granted.ts";

const password = "another harbour, another day";

/** Sends a change of each client. */
const each = (work: (world: World, client: string) => Promise<unknown>) => async (world: World) => {
  for (const client of constraints) await work(world, client);
};
const patch = (members: Record<string, unknown>) =>
  each(async ({ api }, client) => {
    const reply = await api.patch(`/clients/${client}`, members);
    assertEquals(reply.status, 200, JSON.stringify(reply.body));
  });
const toUser = (method: string, path = "") => async ({ api }: World) => {
  const { userId } = await api.provider.userOf(alice.username);
  const headers = { "if-match": "*" };
  const { status } = await api.call(method, `/users/${userId}${path}`, { headers });
  assertEquals(status < 300, true);
};

/** What ends with the session of the browser. */
const ofSession = [
  "token of authorization_code",
  "token of token_exchange",
  "token of implicit",
  "a code",
  "a code beside tokens",
  "a device that was allowed",
  "a request that was allowed",
  "an exchange",
  "an ID-JAG",
  "a shared sign-in",
];
/** What the user gave for offline access. */
const offline = [
  "token of refresh_token",
  "token of device_code",
  "token of ciba",
  "a refresh token",
  "a refresh token of a device",
  "a refresh token of a request",
  "an ID-JAG of offline access",
];
const asserted = ["token of jwt_bearer", "an assertion"];
const waiting = ["a device that waits", "a request that waits"];
const ofClient = ["token of client_credentials", "the client itself"];
const everything = [...ofSession, ...offline, ...asserted, ...waiting, ...ofClient];
const ofUser = [...ofSession, ...offline, "token of jwt_bearer"];
const requests = everything.filter((name) => !name.startsWith("token of "));
const tokens = everything.filter((name) => name.startsWith("token of "));

type Row = Record<string, string>;

/** What each of these answers. */
const all = (names: readonly string[], answer: string): Row =>
  Object.fromEntries(names.map((name) => [name, answer]));
const alive: Row = { ...all(everything, "good"), ...all(waiting, "400 authorization_pending") };

/** The answer of what has ended. */
function ended(names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => {
    if (name === "token of client_credentials") return [name, "inactive"];
    if (name.startsWith("token of ")) return [name, "401 invalid_token"];
    const isExchange = name === "an exchange" || name.startsWith("an ID-JAG");
    return [name, isExchange ? "400 invalid_request" : "400 invalid_grant"];
  }));
}

const ofDeletedUser = [...ofUser, "an assertion", "a request that waits"];
/** The user who should answer cannot any more. */
const unanswerable: Row = { "a request that waits": "400 access_denied" };
const otherSecret = all(requests, "401 invalid_client");

/** What happens, and what is then not as before. */
const rows: Readonly<Record<string, [(world: World) => Promise<unknown>, Row]>> = {
  "nothing": [() => Promise.resolve(), {}],
  "the session ends": [
    async ({ browser }) => await browser.submit(await browser.open("/logout"), {}),
    ended(ofSession),
  ],
  "the session is ended from another browser": [
    async ({ api, browser }) => {
      const session = sessionCookie(browser)?.split(".")[1] ?? "";
      await postAccount(await accountBrowser(api.provider), "/account/sessions/end", { session });
    },
    ended(ofSession),
  ],
  "the user is suspended": [
    toUser("POST", "/suspend"),
    { ...ended([...ofUser, "an assertion"]), ...unanswerable },
  ],
  "the user is deleted": [toUser("DELETE"), ended(ofDeletedUser)],
  "the user deletes the account": [
    ({ browser }) => postAccount(browser, "/account/data/delete", { username: "alice" }),
    ended(ofDeletedUser),
  ],
  // Another server's word for the user needs none of our passwords.
  "the user changes the password": [
    ({ browser }) =>
      postAccount(browser, "/account/security/password", {
        current_password: alice.password,
        password,
        password_repeat: password,
      }),
    { ...ended(ofUser), ...unanswerable },
  ],
  "the password is reset": [
    async ({ api: { provider } }) => {
      await sentMails(provider); // so that the next one is the newest
      const browser = provider.browser();
      await browser.submit(await browser.open("/password-reset"), { username: "alice" });
      const page = await browser.open(await newestLink(provider));
      const done = await browser.submit(page, { password, password_repeat: password });
      assertEquals(done.url.pathname, "/password-reset/done");
    },
    { ...ended(ofUser), ...unanswerable },
  ],
  "the user withdraws access": [
    each(async ({ browser }, client) => {
      await postAccount(browser, "/account/applications/withdraw", { client });
    }),
    ended(ofUser),
  ],
  "the user leaves the group that may use the clients": [
    ({ api }) => editUser(api.provider, "alice", { groups: [] }),
    { ...ended([...ofUser, "an assertion"]), ...unanswerable },
  ],
  "the clients are deleted": [
    each(async ({ api }, client) => {
      const headers = { "if-match": "*" };
      assertEquals((await api.call("DELETE", `/clients/${client}`, { headers })).status, 204);
    }),
    { ...ended(tokens), ...otherSecret },
  ],
  "the clients get other secrets": [
    each(async ({ api }, client) => {
      assertEquals((await api.post(`/clients/${client}/rotate-secret`)).status, 200);
    }),
    otherSecret,
  ],
  "the clients lose their grant types": [
    patch({
      grant_types: ["authorization_code"],
      response_types: ["code"],
      backchannel_token_delivery_mode: null,
    }),
    all(requests.filter((name) => !name.startsWith("a code")), "400 unauthorized_client"),
  ],
  "the clients lose one scope of two": [
    patch({ scope: "openid offline_access device_sso read" }),
    { ...all(["an exchange", "a shared sign-in"], "400 invalid_scope") }, // they name both
  ],
  "the clients lose their scopes": [
    patch({ scope: "phone" }),
    {
      ...all(tokens, "403 insufficient_scope"),
      "token of client_credentials": "inactive",
      ...all(requests, "400 invalid_scope"),
      ...all(waiting, "400 authorization_pending"),
      ...ended(["an exchange", "an ID-JAG", "an ID-JAG of offline access", "a shared sign-in"]),
      "an assertion": "400 invalid_grant", // its scopes are its issuer's
    },
  ],
  "the signing keys are rotated": [
    async ({ api: { provider } }) => {
      await rotateSigningKey(provider.deps, "RS256");
    },
    {},
  ],
  "the signing keys are withdrawn": [
    async ({ api }) => {
      const reply = await api.post("/signing-keys/emergency-rotate", { alg: "RS256" });
      assertEquals(reply.status, 200, JSON.stringify(reply.body));
    },
    ended(["an ID-JAG", "an ID-JAG of offline access", "a shared sign-in"]),
  ],
  "all tokens are revoked": [
    async ({ api, held }) => {
      for (const { party, accessTokens, requests } of held) {
        const refreshTokens = Object.values(requests).map(({ refresh_token }) => refresh_token);
        for (const token of [...Object.values(accessTokens), ...refreshTokens]) {
          const form = { token, ...api.provider.credentials(party.constraint) };
          if (token) assertEquals((await api.provider.post("/revoke", form)).status, 200);
        }
      }
    },
    ended([
      ...tokens.filter((name) => name !== "token of client_credentials"),
      ...offline.filter((name) => name.startsWith("a refresh token")),
      "an exchange",
    ]),
  ],
  "ten minutes pass": [
    ({ api }) => Promise.resolve(api.provider.clock.advance(600)),
    {
      ...ended(["a code", "a code beside tokens", "an assertion"]),
      ...all(
        [...waiting, "a device that was allowed", "a request that was allowed"],
        "400 expired_token",
      ),
    },
  ],
  "an hour passes": [
    ({ api }) => Promise.resolve(api.provider.clock.advance(3601)),
    ended(everything.filter((name) => !/^a refresh token|^the client|^a shared/.test(name))),
  ],
  "a backup is restored": [
    async ({ api }) => {
      await raiseEpoch(api.provider.deps);
      // For a minute no proof is known to be new.
      api.provider.clock.advance(61);
    },
    // The assertion was signed before: whether it had been used then, the backup does not know.
    ended([...ofUser, ...waiting, "token of client_credentials", "an assertion"]),
  ],
};

for (const [event, [happen, changes]] of Object.entries(rows)) {
  Deno.test(`what each grant type and each bound token is worth after: ${event}`, async () => {
    await using world = await everyGrant();
    await happen(world);
    // Each has a client of its own. On a KV Connect server the clients would wait a minute for each other.
    await Promise.all(world.held.map(async (held) => {
      const answers = await answersOf(world, held);
      const expected = { ...alive, ...changes };
      // Only a token in a redirect is never bound.
      if (held.party.constraint !== "none") delete expected["token of implicit"];
      assertEquals(answers, expected, held.party.constraint);
    }));
  });
}
