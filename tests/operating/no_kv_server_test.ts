import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { toBase64url } from "../../src/crypto/encoding.ts";

const token = "a token of the store";

/** Boots the server on a KV Connect server, and returns what it says when it has given up. */
async function refusedBoot(url: string, token?: string): Promise<string> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "-A", "main.ts"],
    cwd: new URL("../../", import.meta.url),
    clearEnv: true,
    env: {
      ...Object.fromEntries(
        ["HOME", "DENO_DIR"].flatMap((name) => {
          const value = Deno.env.get(name);
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      NO_COLOR: "1",
      LATCHKEY_ISSUER: "https://id.example",
      LATCHKEY_MASTER_KEY: toBase64url(crypto.getRandomValues(new Uint8Array(32))),
      LATCHKEY_KV: url,
      ...(token === undefined ? {} : { DENO_KV_ACCESS_TOKEN: token }),
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 1, text);
  return text;
}

/** Answers each request with a status, and with the words of denokv about a wrong token. */
function answering(status: number) {
  let requests = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    requests += 1;
    return new Response("Invalid access token.", { status });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a boot without the token of its KV Connect server says so, and does not wait", async () => {
  await using server = answering(400);
  const text = await refusedBoot(server.url);
  assertStringIncludes(text, "DENO_KV_ACCESS_TOKEN is missing");
  assertEquals(server.requests(), 0);
});

Deno.test("a boot with a wrong token says that it is refused, and does not wait", async () => {
  await using server = answering(401);
  const text = await refusedBoot(server.url, token);
  assertStringIncludes(text, "refuses the token in DENO_KV_ACCESS_TOKEN");
  assert(!text.includes(token), text);
  const tries = server.requests(); // a boot that waits makes sixty
  assert(tries > 0 && tries < 20, String(tries));
});

Deno.test("a boot whose store fails after it was opened says so in one sentence, without a stack", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname !== "/") return new Response("no", { status: 400 });
    return Response.json({
      version: 2,
      databaseId: crypto.randomUUID(),
      endpoints: [{ url: origin, consistency: "strong" }],
      token: "t",
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
  });
  const text = await refusedBoot(`http://127.0.0.1:${server.addr.port}`, token);
  await server.shutdown();
  assertStringIncludes(text, "the store failed while the server started (");
  assert(!text.includes("Uncaught") && !text.includes("    at "), text);
});
