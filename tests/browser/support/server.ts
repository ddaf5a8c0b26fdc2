import { createApp } from "../../../routes/app.ts";
import { developmentPeople } from "../../../src/boot/development.ts";
import { newestLink } from "../../support/mails.ts";
import { aProvider, type ProviderOptions, type TestProvider } from "../../support/provider.ts";

export interface ServerOptions extends ProviderOptions {
  /** Any free one, unless the page shows it to somebody. */
  readonly port?: number;
}

/** The real app on a real port, for a browser. */
export interface BrowserServer extends AsyncDisposable {
  /** Also where it listens. */
  readonly issuer: string;
  /** Its clock, its store and its people; the clock stands still until the test moves it. */
  readonly provider: TestProvider;
  /** The link in the newest mail, without the issuer. */
  newestLink(): Promise<string>;
}

/** Who can sign in at a development server, as the home page says. */
export const alice = personCalled("alice");
export const bob = personCalled("bob");

/**
 * A server of its own for a journey: in development, so with the demo and with /dev/mail, unless
 * `config` says otherwise. It is on localhost, where browsers allow passkeys without TLS.
 */
export async function aServer({ port = 0, ...options }: ServerOptions = {}): Promise<
  BrowserServer
> {
  let answer = (_request: Request): Response | Promise<Response> =>
    new Response("not ready", { status: 503 });
  // Before the app, which has to know its own address.
  const listener = Deno.serve(
    { port, hostname: "127.0.0.1", onListen() {} },
    (request) => answer(request),
  );
  const issuer = `http://localhost:${listener.addr.port}`;
  const provider = await aProvider({
    clients: [],
    users: [],
    ...options,
    config: { environment: "development", issuer, ...options.config },
  });
  const app = createApp(provider.deps);
  answer = (request) => app.fetch(request, { remoteAddress: "127.0.0.1" });
  return {
    issuer,
    provider,
    newestLink: () => newestLink(provider),
    async [Symbol.asyncDispose]() {
      await listener.shutdown();
      await provider[Symbol.asyncDispose]();
    },
  };
}

function personCalled(username: string) {
  const person = developmentPeople.find((one) => one.username === username);
  if (person === undefined) throw new Error(`nobody is called ${username} in development`);
  return person;
}
