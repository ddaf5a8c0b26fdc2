import { assertEquals } from "@std/assert";
import { isLoopback } from "../../src/identifiers/loopback.ts";

Deno.test("loopback is 127.0.0.0/8, ::1, localhost and the names below it, and nothing that looks like it", () => {
  const inside = [
    ...["localhost", "LOCALHOST:8000", "app.localhost", "a.b-c.localhost:1", "127.0.0.1"],
    ...["127.0.0.2:65535", "127.255.255.255", "127.1", "2130706433", "0x7f.1", "[::1]:5000"],
    ...["[0:0:0:0:0:0:0:1]"],
  ];
  const outside = [
    ...["localhost.", "localhost.example", "notlocalhost", "local.host", "127.0.0.1.example"],
    ...["a.127.0.0.1.example", "128.0.0.1", "0.0.0.0", "10.0.0.1", "[::]", "[::2]", "[fe80::1]"],
    ...["[::ffff:127.0.0.1]", "localhost@example.com", "example.com?localhost", "x.local"],
  ];
  const found = (hosts: readonly string[]) =>
    Object.fromEntries(hosts.map((host) => [host, isLoopback(new URL(`http://${host}`))]));
  assertEquals(found(inside), Object.fromEntries(inside.map((host) => [host, true])));
  assertEquals(found(outside), Object.fromEntries(outside.map((host) => [host, false])));
});
