import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { localhostCertificate } from "./localhost_certificate.ts";

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came over the wire. */
  readonly source: string;
  readonly user: string | undefined;
  readonly secure: boolean;
}

export interface SmtpServerOptions {
  /** How TLS comes about; `none` offers none. */
  readonly tls?: "implicit" | "starttls" | "none";
  readonly login?: { readonly user: string; readonly password: string };
  /** The answers to successive attempts, after the recipient or after the text. All further mails are accepted. */
  readonly answers?: readonly (Reply | null)[];
  /** Resolves when it may say that it has taken a mail. */
  readonly scan?: () => Promise<void>;
}

export interface Reply {
  readonly code: number;
  readonly text: string;
  readonly after: "recipient" | "text";
}

export interface TestSmtpServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** How many mails were begun. */
  attempts(): number;
}

/** A mail server on this machine that keeps what it gets. */
export async function anSmtpServer(
  { tls = "none", login, answers = [], scan = () => Promise.resolve() }: SmtpServerOptions = {},
): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  let attempts = 0;
  const server = new SMTPServer({
    disabledCommands: tls === "starttls" ? [] : ["STARTTLS"],
    // Implicit TLS ends at a listener of Deno's before it, since older ones stall in Node's.
    allowInsecureAuth: tls !== "starttls",
    authOptional: login === undefined,
    hideSTARTTLS: tls !== "starttls",
    closeTimeout: 200, // milliseconds
    key: localhostCertificate.key,
    cert: localhostCertificate.certificate,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(refusal({ code: 535, text: `5.7.8 ${username} ${password}`, after: "recipient" }));
    },
    onRcptTo(_address, _session, done) {
      const answer = answers[attempts++];
      done(answer?.after === "recipient" ? refusal(answer) : null);
    },
    onData(stream, { envelope, user, secure }, done) {
      textOf(stream).then(async (source) => {
        await scan();
        const answer = answers[attempts - 1];
        if (answer?.after === "text") return done(refusal(answer));
        received.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          source,
          user: user === undefined ? undefined : String(user),
          secure: secure || tls === "implicit",
        });
        done(null);
      }, done);
    },
  });
  server.on("error", () => {}); // clients that hang up
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const front = tls === "implicit" ? inFront(address.port) : null;
  return {
    port: front?.port ?? address.port,
    received,
    attempts: () => attempts,
    async [Symbol.asyncDispose]() {
      await front?.[Symbol.asyncDispose]();
      await new Promise<void>((closed) => {
        // Older versions of Deno lose the end of a connection that the client closed first, and then
        // only this timer keeps the process waiting for the server's own.
        const wait = setTimeout(closed, 1000);
        server.close(() => (clearTimeout(wait), closed()));
      });
    },
  };
}

function refusal({ code, text }: Reply): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

async function textOf(stream: SMTPServerDataStream): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
}

/** Takes TLS off connections, and hands them on. */
function inFront(port: number): AsyncDisposable & { readonly port: number } {
  const { certificate: cert, key } = localhostCertificate;
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const open = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const outer of listener) {
      const done = relay(outer, port).finally(() => open.delete(done));
      open.add(done);
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(open);
    },
  };
}

async function relay(outer: Deno.TlsConn, port: number) {
  const inner = await Deno.connect({ hostname: "127.0.0.1", port });
  // Either end may hang up at any time.
  await Promise.allSettled([
    outer.readable.pipeTo(inner.writable),
    inner.readable.pipeTo(outer.writable),
  ]);
}
