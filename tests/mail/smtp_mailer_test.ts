import { testOnNewerDeno } from "../support/newer_deno.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import PostalMime from "postal-mime";
import { deliverMail } from "../../src/mail/deliver.ts";
import { type Mail, MailRefused } from "../../src/deps/mailer.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { smtpMailer } from "../../src/mail/smtp_mailer.ts";
import type { SmtpServer } from "../../src/config/mail_settings.ts";
import { passwordResetMail } from "../../src/mail/templates/password_reset.ts";
import { supportedLanguages } from "../../src/language/supported_languages.ts";
import * as mailOutbox from "../../stores/mail_outbox.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { localhostCertificate } from "../support/localhost_certificate.ts";
import { aProvider } from "../support/provider.ts";
import { anSmtpServer, type Reply, type TestSmtpServer } from "../support/smtp_server.ts";

const from = { name: "Türsteher, Example", address: "id@op.example" };
const { signal } = new AbortController();
const aMail: Mail = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  to: "alice@example.com",
  subject: "Hello",
  text: "the one-time link",
  html: "<p>the one-time link</p>",
};

// No other test shares its isolate: what ends after a test would end in the test of another file.
// A connection is closed a moment after its mail was taken, which nobody waits for.
function test(name: string, fn: () => Promise<void>) {
  Deno.test({ sanitizeOps: false, sanitizeResources: false, fn, name });
}

function mailerTo(
  server: TestSmtpServer,
  { ca = localhostCertificate.authority, ...rest }: Partial<SmtpServer> & { ca?: string } = {},
) {
  const { port } = server;
  const usual = { host: "localhost", port, tls: "none", login: null } as const;
  return smtpMailer({ from, ca, server: { ...usual, ...rest } });
}

test("a mail arrives in both of its forms, in every language", async () => {
  await using server = await anSmtpServer();
  const mailer = mailerTo(server);
  for (const language of supportedLanguages) {
    const written = passwordResetMail(language, {
      username: "Zoë 🗝",
      url: `https://op.example/password-reset/confirm?token=${"a".repeat(120)}&b=c`,
      issuer: "https://op.example",
    });
    const subject = `${written.subject}: Schlüssel für Zoë 🗝`;
    await mailer.send({ ...aMail, ...written, subject }, signal);

    const message = server.received.at(-1);
    assertEquals(message?.from, "id@op.example");
    assertEquals(message?.to, ["alice@example.com"]);
    const email = await PostalMime.parse(message?.source ?? "");
    assertEquals(email.from, from);
    assertEquals(email.to, [{ name: "", address: "alice@example.com" }]);
    assertEquals(email.subject, subject);
    assertEquals(email.text?.replaceAll("\r\n", "\n").trim(), written.text.trim());
    assertEquals(email.html?.replaceAll("\r\n", "\n").trim(), written.html);
    assertEquals(email.messageId, `<${aMail.id}@op.example>`);
    const header = (key: string) => email.headers.find((one) => one.key === key)?.value;
    assertEquals(header("auto-submitted"), "auto-generated");
    assertMatch(header("content-type") ?? "", /^multipart\/alternative;/);
    assert(!/[^\p{ASCII}]/u.test(message?.source ?? ""), "more than ASCII on the wire");
  }
});

test("with implicit TLS the mail server's certificate is checked, and who we are is told", async () => {
  const login = { user: "me@op.example", password: "pass wörd" };
  await using server = await anSmtpServer({ tls: "implicit", login });
  await mailerTo(server, { tls: "implicit", login }).send(aMail, signal);
  const byIp = mailerTo(server, { tls: "implicit", login, host: "127.0.0.1" });
  await byIp.send(aMail, signal);
  assertEquals(server.received.map(({ user, secure }) => [user, secure]), [
    [login.user, true],
    [login.user, true],
  ]);
  const distrustful = smtpMailer({
    from,
    server: { host: "localhost", port: server.port, tls: "implicit", login },
  });
  const error = await assertRejects(() => distrustful.send(aMail, signal), Error);
  assert(!(error instanceof MailRefused), "an operator can mend this");
  assertEquals(server.received.length, 2);
});

testOnNewerDeno(
  "where the server's side of STARTTLS stalls, and not the client's",
  "STARTTLS comes before the login, and its certificate is checked",
  async () => {
    const login = { user: "me", password: "secret" };
    await using server = await anSmtpServer({ tls: "starttls", login });
    await mailerTo(server, { tls: "starttls", login }).send(aMail, signal);
    assertEquals(server.received.map(({ user, secure }) => [user, secure]), [["me", true]]);
    const distrustful = smtpMailer({
      from,
      server: { host: "localhost", port: server.port, tls: "starttls", login },
    });
    const error = await assertRejects(() => distrustful.send(aMail, signal), Error);
    assert(!(error instanceof MailRefused));
    assertEquals(server.received.length, 1);
  },
);

test("a mail server that offers no TLS gets neither password nor mail", async () => {
  const login = { user: "me", password: "secret" };
  await using server = await anSmtpServer({ login });
  const mailer = mailerTo(server, { tls: "starttls", login });
  await assertRejects(() => mailer.send(aMail, signal), Error, "the mail server");
  assertEquals([server.attempts(), server.received.length], [0, 0]);
});

const busy: Reply = { code: 451, text: "4.7.1 alice@example.com, later", after: "recipient" };
const full: Reply = { code: 452, text: "no room for the one-time link", after: "text" };
const unknown: Reply = {
  code: 550,
  text: "5.1.1 alice@example.com is unknown",
  after: "recipient",
};
const spam: Reply = { code: 554, text: "5.7.1 the one-time link is listed", after: "text" };

test("an error tells only the numbers of a mail server's answer, because its words may repeat the mail", async () => {
  const answers: [Reply, string, boolean][] = [
    [busy, "the mail server answered 451 4.7.1 to RCPT TO", false],
    [full, "the mail server answered 452 to DATA", false],
    [unknown, "the mail server answered 550 5.1.1 to RCPT TO", true],
    [spam, "the mail server answered 554 5.7.1 to DATA", true],
  ];
  await using server = await anSmtpServer({ answers: answers.map(([reply]) => reply) });
  for (const [, sentence, final] of answers) {
    const error = await assertRejects(() => mailerTo(server).send(aMail, signal), Error);
    assertEquals([error.message, error instanceof MailRefused], [sentence, final]);
  }
});

test("an error does not contain the password that the mail server refused", async () => {
  await using server = await anSmtpServer({ login: { user: "me", password: "new" } });
  const mailer = mailerTo(server, { login: { user: "me", password: "old secret" } });
  const error = await assertRejects(() => mailer.send(aMail, signal), MailRefused);
  assertMatch(error.message, /^the mail server answered 535( 5\.7\.8)? to AUTH \w+$/);
});

test("a mail server that is away or silent is said to be, and is not waited for in vain", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr;
  const server = { host: "127.0.0.1", port, tls: "implicit", login: null } as const;
  for (const tls of ["implicit", "none"] as const) {
    const mailer = smtpMailer({ from, server: { ...server, tls } });
    const late = new AbortController();
    const sending = mailer.send(aMail, late.signal);
    const connection = await silent.accept();
    late.abort(new Error("too late"));
    const error = await assertRejects(() => sending, Error);
    assert(!(error instanceof MailRefused));
    connection.close();
  }
  silent.close();
  const error = await assertRejects(
    () => smtpMailer({ from, server: { ...server, tls: "none" } }).send(aMail, signal),
    Error,
  );
  assertStringIncludes(error.message, "the mail server could not be used (ECONNREFUSED)");
});

test("nothing in a mail makes another header, recipient or command", async () => {
  await using server = await anSmtpServer();
  const mailer = mailerTo(server);
  const evil = [
    { to: "alice@example.com\r\nBcc: all@example.com" },
    { to: "alice@example.com\nRCPT TO:<all@example.com>" },
    { to: "alice@example.com, all@example.com" },
    { to: "alice@example.com> SIZE=1" },
    { to: "friends:alice@example.com;" },
    { to: "Alice <alice@example.com>" },
    { to: "alice" },
    { to: "" },
    { subject: "Hello\r\nBcc: all@example.com" },
    { subject: "Hello\nBcc: all@example.com" },
    { subject: "Hello\rBcc: all@example.com" },
    { subject: "Hello\u0085Bcc: all@example.com" },
  ];
  for (const change of evil) {
    await assertRejects(() => mailer.send({ ...aMail, ...change }, signal), MailRefused);
  }
  assertEquals([server.attempts(), server.received.length], [0, 0]);

  const dots = "one\r\n.\r\nRCPT TO:<all@example.com>\r\n..two";
  await mailer.send({ ...aMail, text: dots }, signal);
  const email = await PostalMime.parse(server.received[0]?.source ?? "");
  assertEquals(email.text?.trim(), dots.replaceAll("\r\n", "\n"));
  assertEquals(server.received.length, 1);
});

test("the outbox sends again what was refused for now, and buries what was refused for good", async () => {
  await using server = await anSmtpServer({ answers: [busy, full, null, unknown] });
  await using provider = await aProvider({ mailer: mailerTo(server) });
  const { deps, clock } = provider;
  const enqueue = (subject: string) =>
    deps.kv.step(systemOrigin, (tx) => {
      const written = { ...aMail, subject };
      const mail = { to: aMail.to, userId: null, template: "greeting", written, usefulFor: 3600 };
      return enqueueMail(deps, tx, mail);
    });

  await enqueue("first");
  for (const failed of [1, 1, 0]) {
    const delivery = await deliverMail(deps);
    assertEquals([delivery.sent, delivery.failed], [1 - failed, failed]);
    clock.advance((delivery.nextDueAt ?? clock.seconds()) - clock.seconds());
  }
  await enqueue("second");
  assertEquals(await deliverMail(deps), { sent: 0, failed: 1, nextDueAt: null });

  assertEquals(server.attempts(), 4);
  assertEquals(server.received.length, 1);
  const { entries } = await deps.kv.list({ collection: mailOutbox.all, limit: 10 });
  const dead = entries.map(({ value }) => value).filter(({ deadAt }) => deadAt !== null);
  assertEquals(dead.map(({ attempts, lastError }) => [attempts, lastError]), [
    [1, "the mail server answered 550 5.1.1 to RCPT TO"],
  ]);
});
