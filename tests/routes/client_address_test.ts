import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Logger } from "../../src/telemetry/logger.ts";
import { clientAddress } from "../../routes/http/client_address.ts";
import { aProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";

const proxy = "10.0.0.1";

Deno.test("an entry of X-Forwarded-For may have a port, brackets and quotes", () => {
  const entries: [string, string | null][] = [
    ["198.51.100.7", "198.51.100.7"],
    ["198.51.100.7:40000", "198.51.100.7"],
    [" 198.51.100.7:1 ", "198.51.100.7"],
    ['"198.51.100.7:40000"', "198.51.100.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ['"[::1]"', "::1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["[::ffff:192.0.2.1]:80", "192.0.2.1"],
    ["unknown", null],
    ["_hidden", null],
    ["example.com", null],
    ["example.com:80", null],
    ["198.51.100.7:40000:1", null],
    ["198.51.100.7:", null],
    ["198.51.100.7:999999", null],
    ["198.51.100.256", null],
    ["0177.0.0.1", null],
    ["127.1", null],
    ["0x7f000001", null],
    ["2130706433", null],
    ["::ffff:0177.0.0.1", null],
    ["::ffff:0x7f.0.0.1", null],
    ["192.0.2.1%eth0", null],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["[2001:db8::1", null],
    ["2001:db8::1]", null],
    ["[198.51.100.7]x", null],
    ["[]", null],
    ['""', null],
    ["1".repeat(10_000), null],
  ];
  for (const [entry, address] of entries) {
    assertEquals(clientAddress(proxy, `192.0.2.200, ${entry}`, 1).address, address, entry);
  }
});

Deno.test("entries before those of trusted proxies are ignored, because the client may have written them", () => {
  const rows: [string | undefined, number, string | null][] = [
    ["192.0.2.66, 198.51.100.7", 1, "198.51.100.7"],
    ["192.0.2.66,, 198.51.100.7", 1, "198.51.100.7"],
    ["192.0.2.66, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"],
    ["192.0.2.66", 0, proxy],
    [undefined, 0, proxy],
    // A request that came around a proxy: the first of those that were heard from.
    [undefined, 1, proxy],
    ["", 1, proxy],
    ["198.51.100.7", 2, "198.51.100.7"],
  ];
  const bySocket = clientAddress(undefined, "192.0.2.66, 198.51.100.7", 1);
  assertEquals(bySocket, { address: "198.51.100.7", misfit: null });
  for (const [header, trusted, address] of rows) {
    assertEquals(clientAddress(proxy, header, trusted).address, address, `${header} ${trusted}`);
  }
});

Deno.test("any entry is read as an address or as none, and never causes an error", () => {
  const hop = fc.oneof(
    fc.string(),
    fc.ipV4().map((address) => `${address}:80`),
    fc.ipV6().map((address) => `[${address}]:80`),
  );
  fc.assert(fc.property(fc.array(hop), fc.nat(3), (hops, trusted) => {
    const { address } = clientAddress(proxy, hops.join(","), trusted);
    if (address !== null) assertEquals(clientAddress(address, undefined, 0).address, address);
  }));
  fc.assert(fc.property(fc.ipV6(), fc.nat(65535), (address, port) => {
    const [bare, bracketed] = [address, `[${address}]:${port}`].map((entry) =>
      clientAddress(proxy, entry, 1).address
    );
    assertEquals(bracketed, bare);
  }));
});

Deno.test("75 people behind a proxy that writes ports do not share one limit", async () => {
  await using provider = await aProvider({ config: { rateLimits: true, trustedProxies: 1 } });
  const entries: ((n: number) => string)[] = [
    (n) => `198.51.100.${n}:${40_000 + n}`,
    (n) => `[2001:db8:${n + 1}::1]:${40_000 + n}`,
  ];
  for (const entry of entries) {
    for (let n = 0; n < 75; n++) {
      const headers = { "x-forwarded-for": entry(n) };
      const response = await provider.request(provider.authorizeUrl(), { headers });
      assertEquals(response.status, 303, entry(n));
    }
  }
});

Deno.test("a trust setting that does not fit the requests causes one warning, not one for each request", async () => {
  const rows: { trusted: number; headers: string[]; path?: string; warned: RegExp | null }[] = [
    { trusted: 0, headers: [""], warned: null },
    { trusted: 1, headers: ["192.0.2.1", "192.0.2.1, 192.0.2.2"], warned: null },
    { trusted: 0, headers: ["192.0.2.1"], warned: /LATCHKEY_TRUST_PROXY is 0/ },
    { trusted: 2, headers: ["192.0.2.1"], warned: /fewer entries/ },
    { trusted: 1, headers: [""], warned: /fewer entries/ },
    { trusted: 1, headers: ["unknown"], warned: /not an IP address/ },
    { trusted: 1, headers: [""], path: "/readyz", warned: null },
  ];
  // Endpoints of clients, pages and the admin API are apps of their own.
  const everywhere = ["/.well-known/jwks.json", "/account", "/api/v1/users"];
  for (const { trusted, headers, path, warned } of rows) {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    await using provider = await aProvider({
      config: { trustedProxies: trusted },
      logger,
      wrap: (backend) => backend,
    });
    for (let n = 0; n < 20; n++) {
      const header = headers[n % headers.length];
      await provider.request(
        path ?? everywhere[n % 3]!,
        header === "" ? {} : { headers: { "x-forwarded-for": header! } },
      );
    }
    assertEquals(warnings.length, warned === null ? 0 : 1, `${trusted} ${headers}`);
    if (warned !== null) assertEquals(warned.test(warnings[0] ?? ""), true, warnings[0]);
  }
});
