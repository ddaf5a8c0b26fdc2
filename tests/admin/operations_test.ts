import { assert, assertEquals } from "@std/assert";
import { deliverMail } from "../../src/mail/deliver.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { tryAcquire } from "../../stores/engine/leases.ts";
import { ask, submitLogin } from "../support/authorization.ts";
import { accountBrowser } from "../support/account.ts";
import { aCallCentre, askBackchannel, beginBackchannel } from "../support/backchannel.ts";
import { aClient } from "../support/clients.ts";
import { aTelevision, typeCode } from "../support/devices.ts";
import { failingMailer } from "../support/mails.ts";
import { alice } from "../support/provider.ts";
import { type AdminApi, anAdminApi, everyItem, problemOf } from "./api.ts";

Deno.test("an administrator can let in a user who was locked out by wrong guesses", async () => {
  await using api = await anAdminApi({ config: { rateLimits: true } });
  const { provider } = api;
  const path = "/rate-limits/sign-in?username=Alice&address=203.0.113.7";
  const fresh = await api.get(path);
  assertEquals([fresh.body.limit, fresh.body.used], ["sign-in", 0]);

  const login = async (password: string) => {
    const browser = provider.browser();
    const landing = await ask(provider, { browser });
    return (await submitLogin(browser, landing, { ...alice, password })).response.status;
  };
  for (let n = 0; n < fresh.body.count; n++) await login("wrong");
  assertEquals(await login(alice.password), 429);
  const { body: full } = await api.get(path);
  assertEquals([full.used, full.remaining], [full.count, 0]);
  assert(full.reset > 0 && full.reset <= full.seconds);
  const { body: account } = await api.get("/rate-limits/sign-in-account?username=alice");
  assertEquals(account.used, full.count);

  assertEquals((await api.call("DELETE", path)).status, 204);
  assertEquals((await api.get(path)).body.used, 0);
  assert(await login(alice.password) !== 429);
  const { userId } = await provider.userOf("alice");
  const { body: { items: [event] } } = await api.get("/audit-events?type=rate_limit_reset");
  assertEquals([event.about, event.user_id, event.actor], ["sign-in", userId, "client:ops"]);
});

Deno.test("every limit can be read by the subject that it counts", async () => {
  await using api = await anAdminApi({
    config: { rateLimits: true },
    clients: [aClient("shop"), aTelevision(), aCallCentre()],
  });
  const { provider } = api;
  const { userId } = await provider.userOf("alice");
  await typeCode(provider.browser(), "BCDF-GHJK");
  await typeCode(await accountBrowser(provider), "BCDF-GHJK");
  await beginBackchannel(provider);
  await (await askBackchannel(provider, { login_hint: "nobody" })).body?.cancel();
  const wrong = { grant_type: "client_credentials", client_id: "ops", client_secret: "wrong" };
  await (await api.provider.post("/token", wrong)).body?.cancel();
  await ask(api.provider);
  const address = "address=203.0.113.7";
  for (
    const [query, least] of [
      [`client-authentication?client_id=ops&${address}`, 1],
      [`client-authentication-address?${address}`, 1],
      [`access-token?${address}`, 0],
      [`registration?${address}`, 0],
      ["outgoing-host?host=app.example", 0],
      ["outgoing-client?client_id=ops", 0],
      ["outgoing-logout?client_id=ops", 0],
      [`outgoing-address?${address}`, 0],
      [`authorize?${address}`, 1],
      [`route?route=/login&${address}`, 3],
      [`second-factor?username=alice&${address}`, 0],
      ["second-factor-account?username=alice", 0],
      ["mail?email=alice@example.com", 0],
      ["mail-recipient?email=alice@example.com", 1],
      ["mail-sender?user_id=AAAAAAAAAAAAAAAAAAAAAA", 0],
      [`sign-up?${address}`, 0],
      ["user-code", 1],
      ["user-code-signed-in", 1],
      [`user-code-user?user_id=${userId}`, 1],
      [`backchannel-user?user_id=${userId}`, 1],
      ["backchannel-unknown-user?client_id=bank", 1],
    ] as const
  ) {
    const { status, body } = await api.get(`/rate-limits/${query}`);
    assertEquals(status, 200, JSON.stringify(body));
    assertEquals(body.used, least, query);
    assertEquals((await api.call("DELETE", `/rate-limits/${query}`)).status, 204);
    if (least > 0) assertEquals((await api.get(`/rate-limits/${query}`)).body.used, 0, query);
  }
  assertEquals(problemOf(await api.get("/rate-limits/unknown")), "404 not-found");
  assertEquals(problemOf(await api.get("/rate-limits/__proto__")), "404 not-found");
  for (const query of ["sign-in?username=alice", "authorize?address=home", "mail", "mail?x=1"]) {
    assertEquals(problemOf(await api.get(`/rate-limits/${query}`)), "400 invalid-request", query);
  }
});

Deno.test("a mail that was given up is shown without its text, and can be sent again", async () => {
  const mailer = failingMailer(10);
  await using api = await anAdminApi({ mailer });
  const mailId = await deadLetter(api);
  const [dead] = await everyItem(api, "/mail?state=dead");
  assertEquals([dead.id, dead.attempts, dead.last_error], [mailId, 10, "the mail server is busy"]);
  assertEquals(JSON.stringify(dead).includes("alice@example.com"), false);

  const retried = await api.post(`/mail/${mailId}/retry`);
  assertEquals([retried.status, retried.body.state], [200, "waiting"]);
  assertEquals(problemOf(await api.post(`/mail/${mailId}/retry`)), "409 conflict");
  await deliverMail(api.provider.deps);
  assertEquals(mailer.recent?.().map(({ to }) => to), ["alice@example.com"]);
  assertEquals((await everyItem(api, "/mail")).map(({ state }) => state), ["sent"]);
  assertEquals(problemOf(await api.post(`/mail/${mailId}/retry`)), "409 conflict");
  assertEquals(problemOf(await api.post(`/mail/${"A".repeat(22)}/retry`)), "404 not-found");
  const events = (await api.events()).filter((type) => type.startsWith("mail_"));
  assertEquals(events.sort(), [
    "mail_failed greeting",
    "mail_retried greeting",
    "mail_sent greeting",
  ]);
});

Deno.test("a mail that is too old to be useful is not sent again", async () => {
  await using api = await anAdminApi({ mailer: failingMailer(10) });
  const mailId = await deadLetter(api);
  api.provider.clock.advance(90_000);
  await api.renewToken();
  assertEquals(problemOf(await api.post(`/mail/${mailId}/retry`)), "409 conflict");
});

Deno.test("a cleanup returns what it removed, and writes an audit event", async () => {
  await using api = await anAdminApi();
  await ask(api.provider);
  api.provider.clock.advance(90 * 86_400 + 10);
  await api.renewToken();
  const cleaned = await api.post("/maintenance/cleanup");
  assertEquals(cleaned.status, 200);
  assert(cleaned.body.removed.audit_events >= 1, JSON.stringify(cleaned.body));
  const { body } = await api.get("/audit-events?type=cleanup_run");
  assertEquals(body.items.map(({ actor }: { actor: string }) => actor), ["client:ops"]);

  const lease = { name: "cleanup", holder: "another process", lifetime: 60 };
  await tryAcquire(api.provider.deps.kv, lease);
  const busy = await api.post("/maintenance/cleanup");
  assertEquals(problemOf(busy), "409 conflict");
});

/** A mail of a day's use that nobody has taken ten times. @returns its id */
async function deadLetter(api: AdminApi): Promise<string> {
  const { deps, clock } = api.provider;
  await deps.kv.step(systemOrigin, (tx) =>
    enqueueMail(deps, tx, {
      to: "alice@example.com",
      userId: null,
      template: "greeting",
      written: { subject: "Hello", text: "Hello", html: "<p>Hello</p>" },
      usefulFor: 86_400,
    }));
  for (let next: number | null = clock.seconds(); next !== null;) {
    clock.advance(Math.max(0, next - clock.seconds()));
    next = (await deliverMail(deps)).nextDueAt;
  }
  await api.renewToken();
  const { body } = await api.get("/mail");
  return body.items[0].id;
}
