import { assert, assertEquals } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { testWith } from "../support/runtimes.ts";
import { anInstallation } from "../support/server_process.ts";
import { tokensOf } from "../support/tokens.ts";

const folder = new URL("etag_clients/", import.meta.url).pathname;

interface Reader {
  readonly url: string;
  readonly token: string;
}

/** A real server, and the URL of a user that its administrator may change. */
async function anAdministrator(): Promise<Reader & AsyncDisposable> {
  const installation = await anInstallation({
    clients: [aClient("ops", {
      grant_types: ["client_credentials"],
      redirect_uris: [],
      scope: "latchkey:admin",
    })],
    users: [{ username: "ada", password: "a long password of ada", claims: { name: "Ada Byron" } }],
  });
  await installation.start();
  const { issuer } = installation;
  const resource = `${issuer}/api/v1`;
  const form = { grant_type: "client_credentials", scope: "latchkey:admin", resource };
  const { access_token: token } = await tokensOf(
    await fetch(`${issuer}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa("ops:the secret of ops")}` },
      body: new URLSearchParams(form),
    }),
  );
  const headers = { authorization: `Bearer ${token}` };
  const list = await (await fetch(`${resource}/users?username=ada`, { headers })).json();
  const url = `${resource}/users/${list.items[0].id}`;
  return { url, token, [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose]() };
}

Deno.test("If-Match accepts an ETag that compression has made weak: fetch", async () => {
  await using reader = await anAdministrator();
  for (const encoding of ["identity", "gzip", "br", "gzip, deflate, br"]) {
    const headers = { authorization: `Bearer ${reader.token}`, "accept-encoding": encoding };
    const read = await fetch(reader.url, { headers });
    await read.body?.cancel();
    const etag = read.headers.get("etag") ?? "";
    assertEquals(etag.startsWith("W/"), encoding !== "identity", `${encoding}: ${etag}`);
    const known = await fetch(reader.url, { headers: { ...headers, "if-none-match": etag } });
    assertEquals(known.status, 304, encoding);
    const change = async (ifMatch: string) => {
      const response = await fetch(reader.url, {
        method: "PATCH",
        headers: {
          ...headers,
          "if-match": ifMatch,
          "content-type": "application/merge-patch+json",
        },
        body: JSON.stringify({ claims: { nickname: encoding } }),
      });
      await response.body?.cancel();
      return response.status;
    };
    assertEquals([await change(etag), await change(etag)], [200, 412], encoding);
    const list = `"x", ${etag.replace("W/", "")}`;
    assertEquals(await change(list), 412, "a list of stale ones");
    assertEquals(await change("W/*"), 412, "no ETag");
  }
});

testWith("python3 with requests", {
  name: "If-Match accepts an ETag that compression has made weak: Python's requests",
  run: async () => {
    await using reader = await anAdministrator();
    assertEquals(await outputOf("python3", "etags.py", reader), "gzip 304 200 412");
  },
});

testWith("go", {
  name: "If-Match accepts an ETag that compression has made weak: Go's net/http",
  run: async () => {
    await using reader = await anAdministrator();
    assertEquals(await outputOf("go", "run", "etags.go", reader), "gzip 304 200 412");
  },
});

async function outputOf(...words: [string, ...string[], Reader]): Promise<string> {
  const reader = words.at(-1);
  assert(typeof reader === "object");
  const [program = "", ...args] = words.slice(0, -1).map(String);
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...args, reader.url, reader.token],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout).trim() || decoder.decode(stderr);
}
