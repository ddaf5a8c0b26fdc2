import { assertEquals } from "@std/assert";
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
  const written = { subject: "a", text: "a", html: "a" };
  const about = { userId: null, template: "test", usefulFor: 3600 };
  for (let n = 0; n < 12; n++) {
    const mail = { ...about, to: "alice@example.com", written };
    await deps.kv.step(systemOrigin, (tx) => enqueueMail(deps, tx, mail));
  }
  await runMailWorker(deps, ending.signal);
  assertEquals(sent, 5);
});
