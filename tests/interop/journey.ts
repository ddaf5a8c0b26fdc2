import { aClient, aPublicClient } from "../support/clients.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { aCluster } from "../support/cluster.ts";
import { onDenokv } from "../support/denokv.ts";
import {
  anInstallation,
  type Installation,
  type InstallationOptions,
  type ServerProcess,
} from "../support/server_process.ts";

export const person = {
  username: "alice",
  password: "correct horse battery",
  claims: { name: "Alice Adams", email: "alice@example.com", email_verified: true },
};

/** A resource server that checks its access tokens by itself. */
export const api = "https://api.example/";

/** An installation whose process is killed and started again between the steps of a test. */
export interface Journey extends AsyncDisposable {
  readonly issuer: string;
  /** Keeps its cookies over all kills. */
  readonly browser: Browser;
  /** SIGKILL, and a new process on the same file and port. */
  crash(): Promise<void>;
}

/**
 * Starts a server with the clients of these tests, on a SQLite file; with LATCHKEY_TEST_STORE=denokv
 * three of them on a KV Connect server, behind a proxy, of which one after the other is killed.
 */
export async function aJourney(): Promise<Journey> {
  if (onDenokv) {
    const cluster = await aCluster(relyingParties);
    let turn = 0;
    return {
      issuer: cluster.issuer,
      browser: cluster.browser(),
      crash: () => cluster.crash(turn++ % cluster.processes.length),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  }
  const installation = await anInstallation(relyingParties);
  let server = await started(installation);
  return {
    issuer: installation.issuer,
    browser: server.browser(),
    async crash() {
      await server.kill("SIGKILL");
      server = await installation.start();
    },
    [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose](),
  };
}

/** The first process; what there is of an installation goes if it does not start. */
async function started(installation: Installation): Promise<ServerProcess> {
  try {
    return await installation.start();
  } catch (error) {
    await installation[Symbol.asyncDispose]();
    throw error;
  }
}

export const relyingParties: InstallationOptions = {
  users: [person],
  clients: [
    aClient("shop"),
    aClient("forum", {
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
    }),
    aPublicClient("phone", {
      id_token_signed_response_alg: "EdDSA",
      scope: "openid profile email offline_access orders:read",
    }),
    aClient("robot", {
      redirect_uris: [],
      post_logout_redirect_uris: [],
      grant_types: ["client_credentials"],
      scope: "orders:read",
    }),
  ],
  resources: [{
    resource: api,
    scopes: ["orders:read"],
    access_token_format: "jwt",
    clients: "any",
  }],
};

/** Fills in the sign-in page. */
export function signIn(browser: Browser, landing: Landing): Promise<Landing> {
  const { username, password } = person;
  return browser.submit(landing, { username, password });
}

/** Says yes on the consent page. */
export function allow(browser: Browser, landing: Landing): Promise<Landing> {
  return browser.submit(landing, { decision: "allow" });
}
