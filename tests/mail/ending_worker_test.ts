import { assert, assertEquals } from "@std/assert";
import { cronJobs, runCronJob } from "../../src/boot/cron.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { runMailWorker } from "../../src/mail/worker.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("a process that ends finishes the mails that it has begun, and begins no others", async () => {
  const ending = new AbortController();
  let sent = 0;
  const mailer = {
    send() {
      ending.abort();
      sent++;
      return Promise.resolve();
    },
  };
  await using provider = await aProvider({ mailer });
  const { deps } = provider;
  await enqueueTwelve(deps);
  await runMailWorker(deps, ending.signal);
  assertEquals(sent, 5);
});

Deno.test("the end of a process waits for the mails that its cron job has begun, and it begins no others", async () => {
  const stopping = new AbortController();
  const begun = Promise.withResolvers<void>();
  const arriving = Promise.withResolvers<void>();
  let sent = 0;
  const mailer = {
    async send() {
      begun.resolve();
      await arriving.promise;
      sent++;
    },
  };
  await using provider = await aProvider({ mailer, stopping: stopping.signal });
  const { deps } = provider;
  await enqueueTwelve(deps);
  const job = cronJobs.find(({ name }) => name === "deliver mail");
  assert(job !== undefined);
  void runCronJob(job, Promise.resolve(deps));
  await begun.promise;
  stopping.abort();
  const ended = deps.background.ended().then(() => sent);
  arriving.resolve();
  assertEquals(await ended, 5);
  await runCronJob(job, Promise.resolve(deps));
  assertEquals(sent, 5);
});

async function enqueueTwelve(deps: Deps) {
  const written = { subject: "a", text: "a", html: "a" };
  const about = { userId: null, template: "test", usefulFor: 3600 };
  for (let n = 0; n < 12; n++) {
    const mail = { ...about, to: "alice@example.com", written };
    await deps.kv.step(systemOrigin, (tx) => enqueueMail(deps, tx, mail));
  }
}
