import { assertEquals } from "@std/assert";
import { smtpMailer } from "../../src/mail/smtp_mailer.ts";
import { anSmtpServer } from "../support/smtp_server.ts";

// No other test shares its isolate: what ends after a test would end in the test of another file.
// A connection is closed a moment after its mail was taken, which nobody waits for.
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("a mail server that scans a mail for eleven seconds gets it once", options, async () => {
  const scan = () => new Promise<void>((resolve) => setTimeout(resolve, 11_000));
  await using server = await anSmtpServer({ scan });
  const mailer = smtpMailer({
    from: { name: "", address: "id@op.example" },
    server: { host: "localhost", port: server.port, tls: "none", login: null },
  });
  const mail = {
    id: "A".repeat(22),
    to: "alice@example.com",
    subject: "Hello",
    text: "a",
    html: "a",
  };
  await mailer.send(mail, new AbortController().signal);
  assertEquals([server.received.length, server.attempts()], [1, 1]);
});
