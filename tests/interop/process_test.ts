import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { anInstallation, freePort } from "../support/server_process.ts";
import { api, relyingParties } from "./journey.ts";

const body = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: "robot",
  client_secret: "the secret of robot",
  scope: "orders:read",
  resource: api,
}).toString();

Deno.test("a second process on the same file is refused, and the message says what to do", async () => {
  await using installation = await anInstallation();
  const server = await installation.start();

  const second = installation.spawn({ port: freePort() });
  const { code } = await second.ended;

  assertEquals(code, 1);
  const file = `${installation.directory}/kv.sqlite`;
  assertEquals(
    second.output().trim(),
    `${file} is in use by another process: stop it, or point LATCHKEY_KV elsewhere`,
  );
  const answer = await fetch(`${server.url}/healthz`);
  assertEquals(await answer.json(), { status: "ok" });
});

Deno.test("a wrong value stops the boot, and the message names the variable", async () => {
  await using installation = await anInstallation({
    env: { LATCHKEY_ISSUER: "http://id.example" },
  });
  const server = installation.spawn();
  assertEquals((await server.ended).code, 1);
  assertMatch(server.output(), /^LATCHKEY_ISSUER must begin with https:\/\/[^\n]*\n$/);
});

Deno.test("on SIGTERM the request in flight is answered before the process ends", async () => {
  await using installation = await anInstallation(relyingParties);
  const server = await installation.start();
  const { hostname, port } = new URL(server.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const send = (text: string) => connection.write(new TextEncoder().encode(text));
  await send(
    `POST /token HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n` +
      "Content-Type: application/x-www-form-urlencoded\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  );
  await pause(100); // until the server has read what there is

  const ended = server.kill("SIGTERM");
  await untilLogged(server.output, "stopping");
  await pause(100);
  await send(body.slice(20));

  const answer = await new Response(connection.readable).text();

  assertStringIncludes(answer, "HTTP/1.1 200 OK");
  assertStringIncludes(answer, '"access_token"');
  assertEquals((await ended).code, 0);
  const again = await installation.start();
  assertEquals((await again.kill("SIGTERM")).code, 0);
});

async function untilLogged(output: () => string, text: string) {
  while (!output().includes(text)) await pause(10);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
