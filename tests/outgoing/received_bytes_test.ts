import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { nodeTransport } from "../../src/outgoing/node_transport.ts";
import { receivedBytes } from "../../src/protocol/received_bytes.ts";
import { testOnNewerDeno } from "../support/newer_deno.ts";

Deno.test("a body in parts is their bytes in order, up to the part with which it is too large", () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 });
  fc.assert(fc.property(parts, fc.nat(10_000), (parts, most) => {
    const received = receivedBytes(most);
    const expected: number[] = [];
    for (const part of parts) {
      const fits = expected.length + part.length <= most;
      assertEquals(received.add(part), fits);
      if (!fits) break;
      expected.push(...part);
      part.fill(0); // its sender may use the buffer again
    }
    assertEquals([...received.all()], expected);
  }));
});

testOnNewerDeno(
  "whose node:http cannot use a connection that exists",
  "an answer in parts of one byte takes memory for its bytes, and not for its parts",
  async () => {
    const bytes = 1_000_000; // kept one by one, they take 200 MB
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const sent = sendInParts(server, bytes);
    const before = Deno.memoryUsage().heapUsed;
    const answer = await nodeTransport().send({
      url: new URL(`http://127.0.0.1:${server.addr.port}/`),
      address: "127.0.0.1",
      method: "GET",
      headers: {},
      body: null,
      mostBytes: bytes,
      signal: new AbortController().signal,
    });
    const taken = Deno.memoryUsage().heapUsed - before;
    await sent;
    assertEquals([answer.status, answer.bytes.length], [200, bytes]);
    assert(taken < 100 * bytes, `${Math.round(taken / bytes)} bytes are kept for each byte`);
  },
);

/** Answers one request. @see RFC 9112 section 7.1 */
async function sendInParts(server: Deno.Listener, bytes: number) {
  using connection = await server.accept();
  await connection.read(new Uint8Array(4096));
  const send = async (text: string) => {
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
      rest = rest.subarray(await connection.write(rest));
    }
  };
  await send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  const thousand = "1\r\nx\r\n".repeat(1000);
  for (let n = 0; n < bytes; n += 1000) await send(thousand);
  await send("0\r\n\r\n");
}
