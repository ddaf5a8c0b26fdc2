import { assertEquals, assertStringIncludes } from "@std/assert";
import { testOnNewerDeno } from "../support/newer_deno.ts";
import { anInstallation } from "../support/server_process.ts";

testOnNewerDeno(
  "which itself panics when it can open no file",
  "a process that has no file left for a connection answers what is in flight, says so, and ends for another to start",
  async () => {
    await using installation = await anInstallation();
    const group = { command: ["bash", "-c", 'ulimit -n 80 && exec "$@"', "limited"] };
    const server = await installation.start({ group });
    const { hostname, port } = new URL(server.url);
    const body = new URLSearchParams({ grant_type: "refresh_token", client_id: "nobody" });
    const whole = await fetch(`${server.url}/token`, { method: "POST", body });
    const expected = await whole.text();

    using inFlight = await Deno.connect({ hostname, port: Number(port) });
    await send(
      inFlight,
      `POST /token HTTP/1.1\r\nHost: ${hostname}:${port}\r\nExpect: 100-continue\r\n\
Content-Type: application/x-www-form-urlencoded\r\n\
Content-Length: ${String(body).length}\r\n\r\n`,
    );
    assertStringIncludes(await received(inFlight), "100 Continue", "the server reads the body");
    const connections: Deno.Conn[] = [];
    for (let n = 0; n < 100; n++) {
      const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => null);
      if (connection !== null) connections.push(connection);
    }
    let hasEnded = false;
    void server.ended.then(() => hasEnded = true);
    while (!hasEnded && !server.output().includes("no connection can be accepted any more")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await send(inFlight, String(body));
    const answer = await new Response(inFlight.readable).text();
    assertStringIncludes(answer, `HTTP/1.1 ${whole.status}`);
    assertStringIncludes(answer, expected);
    assertStringIncludes(answer.toLowerCase(), "connection: close");

    const { code } = await server.ended;
    for (const connection of connections) connection.close();
    assertEquals(code, 1, server.output());
    assertStringIncludes(server.output(), "Too many open files");
    assertEquals(/Uncaught|panicked/.test(server.output()), false, server.output());
  },
);

async function send(connection: Deno.Conn, text: string) {
  await connection.write(new TextEncoder().encode(text));
}

async function received(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1024);
  return new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
}
