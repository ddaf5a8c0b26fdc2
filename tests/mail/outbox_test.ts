import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import type { OutgoingMail } from "../../stores/mail_outbox.ts";
import type { Timers } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { createWakeUp } from "../../src/deps/wake_up.ts";
import { deliverMail } from "../../src/mail/deliver.ts";
import { type Mailer, missingMailer } from "../../src/deps/mailer.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { runMailWorker } from "../../src/mail/worker.ts";
import { failingMailer } from "../support/mails.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";

const hour = 3600;
const written = { subject: "Hello", text: "the one-time link", html: "<p>the one-time link</p>" };

async function enqueue(provider: TestProvider, to: string | null = "alice@example.com") {
  const mail = { to, userId: "alice-id", template: "greeting", written, usefulFor: hour };
  await provider.deps.kv.step(systemOrigin, (tx) => enqueueMail(provider.deps, tx, mail));
}

async function outbox(provider: TestProvider): Promise<OutgoingMail[]> {
  const { entries } = await provider.deps.kv.list({ collection: mailOutbox.all, limit: 100 });
  return entries.map(({ value }) => value);
}

async function waiting(provider: TestProvider): Promise<number> {
  const { entries } = await provider.deps.kv.list({ collection: mailOutbox.due, limit: 100 });
  return entries.length;
}

/** Events about mail, as `type reason`. */
async function mailEvents(provider: TestProvider): Promise<string[]> {
  const events = await auditTrail(provider);
  return events.filter(({ type }) => type.startsWith("mail_"))
    .map(({ type, reason }) => `${type} ${reason}`);
}

Deno.test("a mail is sent once its step is committed, and its text is deleted then", async () => {
  const mailer = failingMailer(0);
  await using provider = await aProvider({ mailer });
  await enqueue(provider);
  assertEquals(mailer.attempts, []);

  assertEquals(await deliverMail(provider.deps), { sent: 1, failed: 0, nextDueAt: null });

  assertEquals(
    mailer.attempts.map(({ to, subject, text, html }) => ({ to, subject, text, html })),
    [
      { to: "alice@example.com", ...written },
    ],
  );
  const [record] = await outbox(provider);
  assertEquals(record?.sentAt, provider.clock.seconds());
  assertEquals(record?.sealedMail, null);
  assertEquals(await waiting(provider), 0);
  assertEquals(await mailEvents(provider), ["mail_sent greeting"]);
  await deliverMail(provider.deps);
  assertEquals(mailer.attempts.length, 1);
});

Deno.test("a step that fails sends nothing", async () => {
  const mailer = failingMailer(0);
  await using provider = await aProvider({ mailer });
  const { deps } = provider;
  const mail = { to: "a@b.example", userId: null, template: "greeting", written, usefulFor: hour };
  await assertRejects(() =>
    deps.kv.step(systemOrigin, async (tx) => {
      await enqueueMail(deps, tx, mail);
      throw new Error("refused");
    })
  );
  await deliverMail(deps);
  assertEquals(mailer.attempts, []);
});

Deno.test("read access to the store is not enough to read a waiting mail", async () => {
  await using provider = await aProvider();
  await enqueue(provider);
  for (const [key, value] of await snapshot(provider.backend)) {
    assert(!JSON.stringify(value)?.includes("one-time link"), key);
  }
});

Deno.test("a mail that could not be sent is sent again after growing delays", async () => {
  const mailer = failingMailer(3);
  await using provider = await aProvider({ mailer });
  const { clock, deps } = provider;
  await enqueue(provider);
  const waits: number[] = [];
  for (;;) {
    const { sent, nextDueAt } = await deliverMail(deps);
    if (sent === 1) break;
    const wait = (nextDueAt ?? 0) - clock.seconds();
    waits.push(wait);
    clock.advance(wait - 1);
    assertEquals((await deliverMail(deps)).failed, 0, "too early");
    clock.advance(1);
  }

  assertEquals(mailer.attempts.length, 4);
  assertEquals(new Set(mailer.attempts.map(({ id }) => id)).size, 1);
  assertEquals(waits.length, 3);
  waits.forEach((wait, n) => assert(wait >= 15 * 2 ** n && wait < 15 * 2 ** n * 1.25, `${waits}`));
  const [record] = await outbox(provider);
  assertEquals([record?.attempts, record?.deadAt, record?.lastError], [4, null, null]);
  assertEquals(await mailEvents(provider), ["mail_sent greeting"]);
});

Deno.test("a mail that cannot be delivered while it is useful becomes a dead letter", async () => {
  await using provider = await aProvider({ mailer: missingMailer });
  const { clock, deps } = provider;
  const start = clock.seconds();
  await enqueue(provider);
  for (let next: number | null = start; next !== null;) {
    clock.advance(Math.max(0, next - clock.seconds()));
    next = (await deliverMail(deps)).nextDueAt;
  }

  const [record] = await outbox(provider);
  assert(record && record.deadAt !== null && record.deadAt < start + hour, `${record?.deadAt}`);
  assert(record.sealedMail !== null, "an administrator may still have it sent");
  assertStringIncludes(record.lastError ?? "", "no way to send mail");
  assertEquals(record.attempts, 8);
  assertEquals(await mailEvents(provider), ["mail_failed greeting"]);
  assertEquals(await waiting(provider), 0);
});

Deno.test("the stored error of a failure contains no address, whatever the mailer reports", async () => {
  const mailer: Mailer = {
    send: ({ to }) => Promise.reject(new Error(`550 <${to.toUpperCase()}> unknown (${to})`)),
  };
  await using provider = await aProvider({ mailer });
  await enqueue(provider, "o+k@b.example");
  await deliverMail(provider.deps);
  assertEquals((await outbox(provider))[0]?.lastError, "550 <ADDRESS> unknown (ADDRESS)");
});

Deno.test("a mailer that hangs is stopped, and the mail is sent again", async () => {
  let calls = 0;
  const mailer: Mailer = {
    send: () => ++calls === 1 ? new Promise(() => {}) : Promise.resolve(),
  };
  await using provider = await aProvider({ mailer });
  const deps = { ...provider.deps, timers: provider.clock.timers };
  await enqueue(provider);
  const delivery = deliverMail(deps);
  await provider.clock.sleepers(1);
  provider.clock.advance(30);
  assertEquals((await delivery).failed, 1);
  provider.clock.advance(60);
  assertEquals((await deliverMail(deps)).sent, 1);
});

Deno.test("if many workers run at once, each mail is sent by one of them", async () => {
  const mailer = failingMailer(0);
  await using provider = await aProvider({ mailer });
  for (let n = 0; n < 12; n++) await enqueue(provider);
  const workers = [provider, provider.restart(), provider.restart(), provider.restart()];

  const deliveries = await Promise.all(workers.map(({ deps }) => deliverMail(deps)));

  assertEquals(deliveries.reduce((sum, { sent }) => sum + sent, 0), 12);
  assertEquals(new Set(mailer.attempts.map(({ id }) => id)).size, 12);
  assertEquals(mailer.attempts.length, 12);
});

/** Of a process that does nothing any more. */
const stopped: Timers = { sleep: () => new Promise(() => {}) };

Deno.test("the mail of a worker that died is sent by another after the lease ends", async () => {
  const mailer = failingMailer(0);
  const dead = Promise.withResolvers<void>();
  await using provider = await aProvider({ mailer });
  await enqueue(provider);
  const dying: Mailer = { send: () => (dead.resolve(), new Promise(() => {})) };
  void deliverMail({ ...provider.deps, timers: stopped, mailer: dying });
  await dead.promise;

  const { deps } = provider.restart();
  assertEquals((await deliverMail(deps)).sent, 0);
  provider.clock.advance(59);
  assertEquals((await deliverMail(deps)).sent, 0);
  provider.clock.advance(1);
  assertEquals((await deliverMail(deps)).sent, 1);
  assertEquals(mailer.attempts.length, 1);
});

Deno.test("a worker that fails late does not undo the work of another", async () => {
  const [slow, next] = [aHeldMailer(), aHeldMailer()];
  await using provider = await aProvider();
  await enqueue(provider);
  const late = deliverMail({ ...provider.deps, timers: stopped, mailer: slow });
  await slow.taken;
  provider.clock.advance(60);
  const other = deliverMail({ ...provider.restart().deps, timers: stopped, mailer: next });
  await next.taken;

  slow.outcome.reject(new Error("connection reset"));
  await late;
  const [leased] = await outbox(provider);
  assertEquals(leased?.nextAttemptAt, provider.clock.seconds() + 60);
  next.outcome.resolve();
  assertEquals((await other).sent, 1);
  assertEquals((await outbox(provider)).map(({ sentAt }) => sentAt !== null), [true]);
});

/** A mailer whose answer the test gives. */
function aHeldMailer() {
  const taken = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<void>();
  return { send: () => (taken.resolve(), outcome.promise), taken: taken.promise, outcome };
}

Deno.test("a decoy mail is processed, not sent, and deleted", async () => {
  const mailer = failingMailer(0);
  await using provider = await aProvider({ mailer });
  await enqueue(provider, null);
  assertEquals(await waiting(provider), 1);

  assertEquals(await deliverMail(provider.deps), { sent: 0, failed: 0, nextDueAt: null });

  assertEquals(mailer.attempts, []);
  assertEquals(await outbox(provider), []);
  assertEquals(await mailEvents(provider), []);
});

Deno.test("the worker sends when it is woken and when a retry is due, and stops when told", async () => {
  const mailer = failingMailer(1);
  await using provider = await aProvider({ mailer });
  const { clock } = provider;
  const deps = { ...provider.deps, timers: clock.timers, mailWakeUp: createWakeUp(clock.timers) };
  const stopping = new AbortController();
  const worker = runMailWorker(deps, stopping.signal);
  await clock.sleepers(1); // nothing to do: it waits for a minute
  const start = clock.seconds();
  await enqueue(provider);
  deps.mailWakeUp.wake();
  await until(() => (clock.advance(0.1), mailer.attempts.length === 1));
  assert(clock.seconds() - start < 59, "it waited for its minute");
  await until(() => (clock.advance(0.1), mailer.attempts.length === 2));
  stopping.abort();
  await worker;
  assertEquals((await outbox(provider)).map(({ sentAt }) => sentAt !== null), [true]);
});

async function until(isSo: () => boolean) {
  for (let n = 0; n < 1000 && !isSo(); n++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(isSo());
}
