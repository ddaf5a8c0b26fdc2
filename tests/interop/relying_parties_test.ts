import { assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { testWith } from "../support/runtimes.ts";
import { anInstallation } from "../support/server_process.ts";
import { allow, person, signIn } from "./journey.ts";

const folder = new URL("relying_parties/", import.meta.url).pathname;
const redirectUri = "https://shop.example/callback";

testWith("go", {
  name: "a relying party of go-oidc signs a person in, reads the claims and refreshes",
  run: () => journeyOf("go_oidc", ["go", "run", "."]),
});

testWith("python3 with authlib", {
  name: "a relying party of Authlib signs a person in, reads the claims and refreshes",
  run: () => journeyOf("authlib", ["python3", "main.py"]),
});

/** Both programs do the same, and write the same. */
async function journeyOf(name: string, [program = "", ...args]: string[]) {
  await using installation = await anInstallation({
    groups: [{ group: "staff" }],
    users: [{ ...person, groups: ["staff"] }],
    clients: [aClient("shop", {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "client_secret_basic",
      scope: "openid email groups offline_access",
      id_token_signed_response_alg: "RS256",
    })],
  });
  const server = await installation.start();
  const child = new Deno.Command(program, {
    args: [...args, installation.issuer, "shop", "the secret of shop", redirectUri],
    cwd: folder + name,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const failure = new Response(child.stderr).text();
  const lines = linesOf(child.stdout);
  const url = await lines();
  if (url === null) throw new Error(await failure);

  const browser = server.browser();
  const { url: callback } = await allow(browser, await signIn(browser, await browser.open(url)));
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${callback.href}\n`));
  await writer.close();
  const said = await lines();
  await child.status;
  if (said === null) throw new Error(await failure);
  assertEquals(JSON.parse(said), {
    email: person.claims.email,
    verified: true,
    groups: ["staff"],
    sameSubject: true,
    replay: "invalid_grant",
  });
  await lines();
  await failure;
}

/** Reads a program's lines, one at a call; null: it has written its last. */
function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): () => Promise<string | null> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  return async () => {
    for (;;) {
      const end = rest.indexOf("\n");
      if (end >= 0) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return line;
      }
      const { value, done } = await reader.read();
      if (done) return null;
      rest += value;
    }
  };
}
