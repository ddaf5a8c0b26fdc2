import { assertEquals, assertStringIncludes } from "@std/assert";
import { anInstallation } from "../support/server_process.ts";

Deno.test("a process that has no file left for a connection says so, and ends for another to start", async () => {
  await using installation = await anInstallation();
  const group = { command: ["bash", "-c", 'ulimit -n 80 && exec "$@"', "limited"] };
  const server = await installation.start({ group });
  const { hostname, port } = new URL(server.url);
  const connections: Deno.Conn[] = [];
  for (let n = 0; n < 100; n++) {
    const connection = await Deno.connect({ hostname, port: Number(port) }).catch(() => null);
    if (connection !== null) connections.push(connection);
  }
  const { code } = await server.ended;
  for (const connection of connections) connection.close();
  assertEquals(code, 1, server.output());
  assertStringIncludes(server.output(), "no connection can be accepted any more");
  assertStringIncludes(server.output(), "Too many open files");
  assertEquals(/Uncaught|panicked/.test(server.output()), false, server.output());
});
