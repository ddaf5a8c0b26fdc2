import { assertEquals } from "@std/assert";
import { aTrustedIssuer } from "../support/trusted_issuer.ts";
import { exportJWK } from "jose";
import { isOlderDeno } from "../support/newer_deno.ts";
import { testWith } from "../support/runtimes.ts";
import { anInstallation } from "../support/server_process.ts";
import { localhostCertificate } from "../support/localhost_certificate.ts";
import { person } from "./journey.ts";
import { registered } from "./modes/clients.ts";
import { type Outcome, outcomes } from "./modes/main.ts";
import { aReceiver } from "./modes/receiver.ts";
import { api, stock, trustedIssuer, type World } from "./modes/world.ts";

const root = new URL("../../", import.meta.url);
const folder = new URL("modes/", import.meta.url).pathname;

/** A server process on which everything is switched on, and what a relying party has to know. */
async function aWorld(): Promise<AsyncDisposable & { world: World }> {
  await using resources = new AsyncDisposableStack();
  const receiver = resources.use(aReceiver());
  const { clients, ...keys } = await registered(receiver.published);
  const idp = await aTrustedIssuer("ES256", "idp");
  const authority = `${await Deno.makeTempDir()}/authority.pem`;
  resources.defer(() => Deno.remove(authority));
  await Deno.writeTextFile(authority, localhostCertificate.authority);
  const installation = resources.use(
    await anInstallation({
      users: [person],
      clients,
      resources: [api, stock].map((resource) => ({
        resource,
        scopes: ["orders:read"],
        access_token_format: "jwt",
        clients: "any",
      })),
      env: {
        // So that it calls this machine, by TLS.
        LATCHKEY_ENV: "development",
        DENO_CERT: authority,
        LATCHKEY_IMPLICIT: "on",
        LATCHKEY_DPOP_NONCE: "on",
        LATCHKEY_REGISTRATION: "open",
        LATCHKEY_CLIENT_CERTIFICATE_HEADER: "Client-Cert",
        LATCHKEY_CLIENT_CERTIFICATE_VERIFIED_HEADER: "X-Client-Verify",
        LATCHKEY_CLIENT_CERTIFICATE_PROXIES: "127.0.0.1/32",
        LATCHKEY_TRUSTED_ISSUERS: JSON.stringify([{
          issuer: trustedIssuer,
          jwks: { keys: [idp.publicJwk] },
          clients: ["partner"],
          assertions: ["id-jag", "jwt"],
          username_claim: "sub",
        }]),
      },
    }),
  );
  const { issuer } = installation;
  await installation.start();
  const { inbox, published } = receiver;
  const trustedKey = { ...await exportJWK(idp.privateKey), alg: "ES256" };
  const world = { issuer, inbox, published, ...keys, trustedKey, user: person };
  const kept = resources.move();
  return { world, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function hold(t: Deno.TestContext, all: AsyncIterable<Outcome>) {
  for await (const { name, problem } of all) {
    await t.step(name, () => assertEquals(problem, null));
  }
}

Deno.test({
  name: "a server process serves openid-client and oauth4webapi in every mode, on Deno",
  ignore: isOlderDeno, // no request leaves it
  async fn(t) {
    const { world, ...resources } = await aWorld();
    await using _ = resources;
    await hold(t, outcomes(world));
  },
});

testWith("node", {
  name: "a server process serves openid-client and oauth4webapi in every mode, on Node",
  ignore: isOlderDeno,
  async run(t) {
    const { world, ...resources } = await aWorld();
    await using _ = resources;
    await hold(t, outcomesOnNode(world));
  },
});

/** Runs the modes on Node: Deno writes them and their libraries into one file of JavaScript. */
async function* outcomesOnNode(world: World): AsyncGenerator<Outcome> {
  const directory = await Deno.makeTempDir();
  await using resources = new AsyncDisposableStack();
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const script = `${directory}/modes.mjs`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--lock=tests/deno.lock", `--output=${script}`, `${folder}node.ts`],
    cwd: root,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const child = new Deno.Command("node", {
    args: [script, JSON.stringify(world)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = child.stderr.text();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
  assertEquals([(await child.status).code, await said], [0, ""]);
}
