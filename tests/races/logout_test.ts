import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { fanOut, fanOutSession } from "../../src/logout/fan_out.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { anAdminApi } from "../admin/api.ts";
import { postAccount } from "../support/account.ts";
import { sessionCookie } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { issuer, type TestProvider } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

const clients = ["shop", "desk"].map((name) =>
  aClient(name, { backchannel_logout_uri: `https://${name}.example/backchannel` })
);

async function outboxOf(provider: TestProvider): Promise<string[]> {
  const { entries } = await provider.deps.kv.list({ collection: logoutOutbox.all, limit: 200 });
  return entries.map(({ value }) => value.clientId).toSorted();
}

Deno.test("each client gets one message of 50 concurrent ends of a session, in every way and with many workers", async () => {
  const receiver = logoutReceiver();
  await using api = await anAdminApi({ clients, transport: receiver });
  const { provider } = api;
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  await signIn(provider, { browser, client: "desk" });
  const other = provider.browser();
  await signIn(provider, { browser: other });
  const cookie = sessionCookie(browser) ?? "";
  const sessionId = cookie.split(".")[1] ?? "";
  const headers = { cookie: `__Host-latchkey_session=${cookie}`, origin: issuer };
  const page = await browser.open("/logout");

  const ways: (() => Promise<unknown>)[] = [
    () => provider.request("/session", { method: "DELETE", headers }),
    () => provider.request(`/logout?id_token_hint=${id_token}`, { headers }),
    () => browser.submit(page, {}),
    () => api.call("DELETE", `/sessions/${sessionId}`),
    () => api.post("/sessions/batch-delete", { session_ids: [sessionId] }),
    () => fanOut(provider.deps),
  ];
  await Promise.all(Array.from({ length: 50 }, (_, n) => ways[n % ways.length]?.()));
  const workers = [provider, provider.restart(), provider.restart()];
  await Promise.all(workers.map(({ deps }) => tellOfLogouts(deps)));
  await provider.deps.background.ended();

  assertEquals(await outboxOf(provider), ["desk", "shop"]);
  const { sid } = decodeJwt(id_token);
  assertEquals(receiver.accepted(), [`desk ${sid}`, `shop ${sid}`]);
  assertEquals(receiver.received.length, 2);

  // The person ends all others, twice at once, while the worker looks for them.
  await Promise.all([
    postAccount(other, "/account/sessions/end-others"),
    postAccount(other, "/account/sessions/end-others"),
    ...workers.map(({ deps }) => tellOfLogouts(deps)),
  ]);
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.received.length, 2, "no other session was there");
});

Deno.test("a session with many clients is told in slices, and a process that dies between two loses none", async () => {
  const receiver = logoutReceiver();
  await using api = await anAdminApi({ clients, transport: receiver });
  const { provider } = api;
  const { kv } = provider.deps;
  const browser = provider.browser();
  await signIn(provider, { browser });
  const [, sessionId = ""] = (sessionCookie(browser) ?? "").split(".");
  const { userId, user } = await provider.userOf("alice");
  const [first] = (await kv.list({ collection: sessionClients.all, limit: 1 })).entries;
  const noted = { ...first?.value, userId, expiresAt: provider.clock.seconds() + 1000 };
  for (let n = 0; n < 40; n++) {
    const clientId = n === 0 ? "desk" : `app${n}`;
    await kv.step(systemOrigin, (tx) =>
      sessionClients.add(tx, { sessionId, clientId }, {
        sid: "",
        clientCreatedAt: user.createdAt,
        ...noted,
      }));
  }
  await browser.send("/session", { method: "DELETE" });

  // Each life makes a few commits only.
  let lives = 0;
  for (let isDone = false; !isDone; lives++) {
    let steps = 4;
    const mortal: typeof kv = {
      ...kv,
      step: (origin, work) =>
        steps-- > 0 ? kv.step(origin, work) : Promise.reject(new Error("it has died")),
    };
    isDone = await fanOutSession({ kv: mortal }, sessionId).then(() => true, () => false);
  }
  assertEquals(lives > 2, true);
  // The others are not registered.
  assertEquals(await outboxOf(provider), ["desk", "shop"]);
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.accepted().map((text) => text.split(" ")[0]), ["desk", "shop"]);
});
