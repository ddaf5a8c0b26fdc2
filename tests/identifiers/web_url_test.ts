import { assertEquals } from "@std/assert";
import { isDocumentUrl } from "../../src/clients/document_url.ts";
import { calledUrlProblem, isLoopback, isLoopbackName } from "../../src/identifiers/web_url.ts";
import { defaultConfig } from "../support/config.ts";

Deno.test("loopback is 127.0.0.0/8, ::1 and localhost; names below it count only where the address is checked", () => {
  const inside = [
    ...["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.2:65535", "127.255.255.255", "127.1"],
    ...["2130706433", "0x7f.1", "[::1]:5000", "[0:0:0:0:0:0:0:1]"],
  ];
  const below = ["app.localhost", "a.b-c.localhost:1", "MAIL.localhost", "127.0.0.1.localhost"];
  const outside = [
    ...["localhost.", "localhost.example", "notlocalhost", "local.host", "127.0.0.1.example"],
    ...["a.127.0.0.1.example", "128.0.0.1", "0.0.0.0", "10.0.0.1", "[::]", "[::2]", "[fe80::1]"],
    ...["[::ffff:127.0.0.1]", "localhost@example.com", "example.com?localhost", "x.local"],
  ];
  const found = (hosts: readonly string[]) =>
    Object.fromEntries(hosts.map((host) => {
      const url = new URL(`http://${host}`);
      return [host, [isLoopback(url), isLoopbackName(url)]];
    }));
  const expected = (hosts: readonly string[], answers: readonly boolean[]) =>
    Object.fromEntries(hosts.map((host) => [host, answers]));
  assertEquals(found(inside), expected(inside, [true, true]));
  assertEquals(found(below), expected(below, [false, true]));
  assertEquals(found(outside), expected(outside, [false, false]));
});

Deno.test("this server fetches http URLs only on this machine, and a client's document only in development", () => {
  const hosts = [
    "localhost:3000",
    "app.localhost",
    "127.0.0.1",
    "tool.example",
    "localhost.example",
  ];
  const documents = (environment: "development" | "production") =>
    hosts.filter((host) =>
      isDocumentUrl({
        clientIdDocuments: { ...defaultConfig.clientIdDocuments, mode: "open" },
        environment,
      }, `http://${host}/client.json`)
    );
  const local = hosts.slice(0, 3);
  assertEquals([documents("development"), documents("production")], [local, []]);
  assertEquals(hosts.filter((host) => calledUrlProblem(`http://${host}/jwks`) === null), local);
  assertEquals(hosts.filter((host) => calledUrlProblem(`https://${host}/jwks`) === null), hosts);
});
