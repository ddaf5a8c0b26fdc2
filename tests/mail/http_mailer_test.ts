import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { fillTemplate, httpMailer } from "../../src/mail/http_mailer.ts";
import type { MailApi } from "../../src/config/mail_settings.ts";
import { type Mail, MailRefused } from "../../src/deps/mailer.ts";
import { anyText } from "../support/any_text.ts";

const from = { name: "Example, Inc.", address: "id@op.example" };
const { signal } = new AbortController();
const aMail: Mail = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  to: "alice@example.com",
  subject: "Schlüssel 🗝",
  text: "the one-time link",
  html: '<p class="a">the one-time link</p>',
};
const usual = {
  headers: { authorization: "Bearer very-secret" },
  body: {
    from: "{from}",
    to: ["{to}"],
    subject: "{subject}",
    text: "{text}",
    html: "{html}",
    tracking: false,
  },
};

interface Call {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

/** An API on this machine, which gives its answers in turn. */
function anApi(...answers: Response[]) {
  const calls: Call[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { method, headers } = request;
    calls.push({ method, headers: new Headers(headers), body: await request.text() });
    return answers.shift() ?? new Response(null, { status: 500 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/emails?key=query-secret`;
  return {
    url,
    calls,
    mailer: (api: Partial<MailApi> = {}) =>
      httpMailer({ from, api: { url, ...usual, ...api }, fetch }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a mail is posted as the JSON that the service expects, with its headers", async () => {
  await using api = anApi(Response.json({ id: 1 }), new Response(null, { status: 202 }));
  await api.mailer().send(aMail, signal);
  const [call] = api.calls;
  assertEquals(JSON.parse(call?.body ?? ""), {
    from: '"Example, Inc." <id@op.example>',
    to: ["alice@example.com"],
    subject: "Schlüssel 🗝",
    text: "the one-time link",
    html: '<p class="a">the one-time link</p>',
    tracking: false,
  });
  assertEquals(call?.method, "POST");
  assertEquals(call?.headers.get("authorization"), "Bearer very-secret");
  assertEquals(call?.headers.get("content-type"), "application/json");
  assertEquals(call?.headers.get("idempotency-key"), aMail.id);

  await api.mailer({ headers: { "content-type": "application/vnd.mail+json" } }).send(
    aMail,
    signal,
  );
  assertEquals(api.calls[1]?.headers.get("content-type"), "application/vnd.mail+json");
});

Deno.test("the text of a mail is never treated as a placeholder or as JSON", () => {
  const text = fc.oneof(
    anyText(),
    fc.constantFrom("{to}", '","to":"x', "$&", "{from}{html}", "\\", "$1"),
  );
  const values = fc.record({ from: text, to: text, subject: text, text, html: text });
  const template = {
    a: "{to}|{text}",
    "{to}": ["{html}", 1, null, { b: "{from} {subject} {id}" }],
  };
  fc.assert(fc.property(values, (mail) => {
    const filled = JSON.parse(JSON.stringify(fillTemplate(template, mail)));
    const wellFormed = (part: string) => JSON.parse(JSON.stringify(part));
    assertEquals(filled, {
      a: wellFormed(`${mail.to}|${mail.text}`),
      "{to}": [
        wellFormed(mail.html),
        1,
        null,
        { b: wellFormed(`${mail.from} ${mail.subject} {id}`) },
      ],
    });
  }));
});

Deno.test("only a 4xx answer refuses a mail permanently, except 408 and 429", async () => {
  const body = "the one-time link very-secret";
  for (const status of [400, 401, 404, 422, 408, 429, 500, 502, 503]) {
    await using api = anApi(new Response(body, { status }));
    const error = await assertRejects(() => api.mailer().send(aMail, signal), Error);
    const final = status < 500 && status !== 408 && status !== 429;
    assertEquals(error.message, `the mail service answered ${status}`);
    assertEquals(error instanceof MailRefused, final, `${status}`);
  }
});

Deno.test("redirects are not followed, because they would send the headers elsewhere", async () => {
  await using elsewhere = anApi(Response.json({}));
  for (const status of [301, 302, 307, 308]) {
    await using api = anApi(new Response(null, { status, headers: { location: elsewhere.url } }));
    await assertRejects(() => api.mailer().send(aMail, signal), Error, `${status}, a redirect`);
  }
  assertEquals(elsewhere.calls.length, 0);
});

Deno.test("an unavailable or silent service is given up, and the error holds no secret", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/?key=query-secret`;
  const mailer = httpMailer({ from, api: { url, ...usual }, fetch });
  const late = new AbortController();
  const sending = mailer.send(aMail, late.signal);
  const connection = await listener.accept();
  late.abort(new Error("too late"));
  const silent = await assertRejects(() => sending, Error, "too late");
  connection.close();
  listener.close();
  const away = await assertRejects(() => mailer.send(aMail, signal), Error);
  assertStringIncludes(away.message, "the mail service could not be reached");
  for (const error of [silent, away]) {
    assert(!(error instanceof MailRefused));
    assert(!/secret|one-time/.test(`${error.message}${error.stack}${error.cause}`), error.message);
  }
});

Deno.test("an address or a subject with a line break is not sent to the service", async () => {
  await using api = anApi();
  const evil = [
    { to: "alice@example.com\r\nBcc: all@example.com" },
    { to: "alice@example.com,all@example.com" },
    { subject: "Hello\nBcc: all@example.com" },
  ];
  for (const change of evil) {
    await assertRejects(() => api.mailer().send({ ...aMail, ...change }, signal), MailRefused);
  }
  assertEquals(api.calls.length, 0);
});
