import { jwtBearer } from "../../stores/grant_types.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { masterKey } from "../../src/crypto/master_key.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { testMasterKey } from "../support/config.ts";
import { formAnswer } from "../support/form_answer.ts";
import { type Browser, newBrowser } from "../support/browser.ts";
import { aClient, aKeyClient, redirectUriOf } from "../support/clients.ts";
import { aKvServer, type KvServer } from "../support/denokv.ts";
import { aCallCentre } from "../support/backchannel.ts";
import { aPingedClient } from "../support/ping_receiver.ts";
import { aTelevision } from "../support/devices.ts";
import { codeChallenge, codeVerifier } from "../support/provider.ts";
import { anInstallation, freePort, type ServerProcess } from "../support/server_process.ts";

/** Several processes of one provider, and what an attempt needs to reach them. */
export interface World extends AsyncDisposable {
  readonly issuer: string;
  readonly processes: readonly ServerProcess[];
  /** Null on a local file. */
  readonly kv: KvServer | null;
  /** The local file, if the store is one. */
  readonly file: string;
  /** Starts a process again that has been killed. */
  restart(n: number): Promise<void>;
  /** A request to the n-th process, counted round and round. */
  request(n: number, path: string, init?: RequestInit): Promise<Response>;
  post(n: number, path: string, form: Form, headers?: Record<string, string>): Promise<Response>;
  /** A browser whose requests meet one process after the other. */
  browser(): Browser;
  /** A browser in which a person has signed in, and allowed the client all it asks for. */
  signedIn(person?: Person): Promise<Browser>;
  /** Another code for the person of a browser. */
  code(browser: Browser, parameters?: Form): Promise<string>;
  exchange(n: number, code: string, headers?: Record<string, string>): Promise<Response>;
}

type Form = Readonly<Record<string, string>>;
type Person = { readonly username: string; readonly password: string };

export const ann = { username: "ann", password: "correct horse battery" };
/** The user whose password is reset again and again. Each reset ends all of their sessions. */
export const carol = {
  username: "carol",
  password: "battery staple horse",
  claims: { email: "carol@example.com", email_verified: true },
};
/** Answers requests of the till. */
export const erin = {
  username: "erin",
  password: "correct horse battery",
  claims: {},
};
/** The user whom others ask, and who never looks. */
export const gail = {
  username: "gail",
  password: "staple horse correct",
  claims: {},
};
/** The user who signs in by mail. */
export const dave = {
  username: "dave",
  password: "horse battery staple",
  claims: { email: "dave@example.com", email_verified: true },
};

export const webOrigin = "https://shop.example";
/** @see RFC 8037 appendix A.1 */
export const signerKey = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};
const { d: _, ...publicKey } = signerKey;
const signerJwks = { keys: [publicKey] };
const shop = aClient("shop", {
  jwks: signerJwks,
  skip_consent: true,
  web_origins: [webOrigin],
  id_token_signed_response_alg: "ES256", // quick to sign
});
/** Wants tokens by the redirect. */
export const front = aClient("front", {
  grant_types: ["authorization_code", "refresh_token", "implicit"],
  response_types: responseTypes,
  id_token_signed_response_alg: "ES256",
});
/** Is told of logouts, and nobody is at home there. */
export const club = aClient("club", {
  skip_consent: true,
  id_token_signed_response_alg: "ES256",
  backchannel_logout_uri: "http://localhost:9/backchannel",
});
/** A client on a device without a browser. */
export const tv = aTelevision("tv", { id_token_signed_response_alg: "ES256" });
/** A client that asks users who are elsewhere. */
export const bank = aCallCentre("bank", { id_token_signed_response_alg: "ES256" });
/** Asks them too, by signed requests. */
export const teller = aCallCentre("teller", {
  backchannel_authentication_request_signing_alg: "EdDSA",
  jwks: signerJwks,
});
/** Asks them too, and is told of their answers. */
export const till = aPingedClient("till", { id_token_signed_response_alg: "ES256" });
export const robot = aClient("robot", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ["client_credentials"],
});
/** Signs with the key below. */
export const signer = aKeyClient("signer", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ["client_credentials"],
  jwks: signerJwks,
});
/** Takes what another server, which signs with the same key, says of users. */
export const partner = aClient("partner", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: [jwtBearer],
});
export const trusted = {
  issuer: "https://idp.example",
  jwks: signer.jwks,
  clients: ["partner"],
  username_claim: "sub",
};
export const jobIssuer = "https://jobs.example";
/** Is told who it is by tokens of another issuer, whose key is the same one. */
export const job = {
  ...signer,
  client_id: "job",
  jwks: undefined,
  token_endpoint_auth_method: "workload_jwt",
  workload_issuer: jobIssuer,
  workload_subject: "nightly",
};
const workloadIssuers = JSON.stringify([{ issuer: jobIssuer, jwks: signerJwks }]);
/** Calls the admin API by itself. */
export const ops = aClient("ops", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ["client_credentials"],
  scope: "latchkey:admin",
});
export const credentials = { client_id: "shop", client_secret: shop.client_secret ?? "" };
/** An authorization request of the client. */
export const authorization = {
  response_type: "code",
  client_id: "shop",
  redirect_uri: redirectUriOf(shop),
  scope: "openid offline_access",
  code_challenge: codeChallenge,
  code_challenge_method: "S256",
};

/** The master key of every server process that tests start. */
const servers = await masterKey(testMasterKey, null, systemRandom);

export interface WorldOptions {
  readonly processes: number;
  /** On a local file, which takes one process alone. */
  readonly file?: boolean;
  /** Puts something between the processes and the KV Connect server. @returns where it listens */
  readonly between?: (kv: KvServer) => Promise<number>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the processes; in development, where mails can be read from what the server prints. */
export async function aWorld(options: WorldOptions): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    const kv = options.file ? null : stack.use(await aKvServer());
    const kvPort = kv && (await options.between?.(kv) ?? kv.port);
    const answers = stack.use(
      Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
        // A process that is killed should often be waiting for this answer.
        await new Promise((resolve) => setTimeout(resolve, 300 * Math.random()));
        return new Response();
      }),
    );
    const toldTill = {
      ...till,
      backchannel_client_notification_endpoint: `http://127.0.0.1:${answers.addr.port}/answered`,
    };
    const installation = stack.use(
      await anInstallation({
        clients: [shop, front, club, tv, bank, teller, toldTill, robot, signer, job, partner, ops],
        users: [ann, carol, dave, erin, gail],
        env: {
          LATCHKEY_ENV: "development",
          LATCHKEY_IMPLICIT: "on",
          LATCHKEY_TRUSTED_ISSUERS: JSON.stringify([trusted]),
          LATCHKEY_WORKLOAD_ISSUERS: workloadIssuers,
          ...kv?.envBy(kvPort ?? 0),
          ...options.env,
        },
      }),
    );
    const { issuer } = installation;
    const ports = Array.from(
      { length: options.processes },
      (_, n) => n === 0 ? Number(new URL(issuer).port) : freePort(),
    );
    const processes = ports.map((port) => installation.spawn({ port }));
    await Promise.all(processes.map((server) => server.ready()));
    return {
      ...reach(issuer, processes),
      kv,
      file: `${installation.directory}/kv.sqlite`,
      async restart(n) {
        const port = ports[n];
        if (port === undefined) throw new Error(`there is no process ${n}`);
        processes[n] = await installation.start({ port });
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

type Reach = Omit<World, "kv" | "file" | "restart" | typeof Symbol.asyncDispose>;

/** The operations on running processes. */
function reach(issuer: string, processes: readonly ServerProcess[]): Reach {
  let turn = 0;
  const world: Reach = {
    issuer,
    processes,
    request(n, path, init) {
      const { url } = processes[n % processes.length] ?? { url: issuer };
      return fetch(new URL(path, url), { ...init, redirect: "manual" });
    },
    async post(n, path, form, headers = {}) {
      const body = new URLSearchParams(form);
      const response = await world.request(n, path, { method: "POST", body, headers });
      // A page's refusal redirects to the page that tells it.
      return await formAnswer({ masterKey: servers }, response);
    },
    browser: () =>
      newBrowser((path, init) => patiently(() => world.request(turn++, path, init)), issuer),
    async signedIn(person = ann) {
      const browser = world.browser();
      await browser.signInAndAllow(authorizePath(), person);
      return browser;
    },
    async code(browser, parameters = {}) {
      const { url } = await browser.open(authorizePath(parameters));
      const code = url.searchParams.get("code");
      if (code === null) throw new Error(`no code at ${url}`);
      return code;
    },
    exchange: (n, code, headers) =>
      world.post(n, "/token", {
        grant_type: "authorization_code",
        code,
        redirect_uri: authorization.redirect_uri,
        code_verifier: codeVerifier,
        ...credentials,
      }, headers),
  };
  return world;
}

/** Asks again after a 503, as a client should: for what only prepares an attempt. */
export async function patiently(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 1;; tries++) {
    const answer = await ask();
    if (answer.status !== 503 || tries === 10) return answer;
    await answer.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export function authorizePath(parameters: Form = {}): string {
  return `/authorize?${new URLSearchParams({ ...authorization, ...parameters })}`;
}

/** The header with a browser's cookies, for requests that it sends many of at once. */
export function cookieOf({ cookies }: Browser): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** Status and error code of any answer: of JSON, of a redirect to the client, of a page. */
export async function told(response: Response): Promise<string> {
  const text = await response.text();
  const location = response.headers.get("location");
  const error = location !== null
    ? new URL(location, "http://here").searchParams.get("error")
    : text.startsWith("{")
    ? JSON.parse(text).error
    : /<code>([a-z_]+)<\/code>/.exec(text)?.[1];
  return [response.status, error].filter((part) => typeof part !== "undefined" && part !== null)
    .join(" ");
}
