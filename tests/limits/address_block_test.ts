import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { addressBlock } from "../../src/limits/address_block.ts";
import { addressParser, isPlainIpv4 } from "../../src/limits/ip_address.ts";

Deno.test("an address that must be parsed has no block before the parser is loaded", async () => {
  assertEquals(addressBlock("203.0.113.7"), "203.0.113.7");
  assertEquals(addressBlock(null), "unknown");
  // Another test of this process may have loaded it.
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--no-lock", "--ext=ts", beforeParser],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assertEquals([code, new TextDecoder().decode(stdout)], [
    0,
    "203.0.113.7 refused 2001:db8::/64\n",
  ]);
});

const beforeParser = `
import { addressBlock } from "./src/limits/address_block.ts";
import { addressParser } from "./src/limits/ip_address.ts";
const tried = () => { try { return addressBlock("2001:db8::1"); } catch { return "refused"; } };
const before = [addressBlock("203.0.113.7"), tried()];
await addressParser.load();
console.log(...before, tried());
`;

Deno.test("an IPv4 address is its own block, in every spelling", async () => {
  await addressParser.load();
  assertEquals(addressBlock("203.0.113.7"), "203.0.113.7");
  assertEquals(addressBlock("::ffff:203.0.113.7"), "203.0.113.7");
});

Deno.test("the block of an IPv6 address is its /64", async () => {
  await addressParser.load();
  const block = addressBlock("2001:db8:1:2::1");
  assertEquals(addressBlock("2001:db8:1:2:ffff:ffff:ffff:ffff"), block);
  assertEquals(addressBlock("2001:0DB8:0001:0002:0:0:0:0"), block);
  assertEquals(block, "2001:db8:1:2::/64");
  assertEquals(addressBlock("2001:db8:1:3::1"), "2001:db8:1:3::/64");
});

Deno.test("all requests without an address share one block", async () => {
  await addressParser.load();
  assertEquals(addressBlock(null), "unknown");
  assertEquals(addressBlock("somewhere"), "unknown");
});

Deno.test("an IPv4 address is plain in the form alone that a parser of addresses gives it", () => {
  const part = fc.oneof(fc.nat(300).map(String), fc.stringMatching(/^[0-9a-fx.:%@/?#\\ -]{0,5}$/));
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join(".")),
  );
  const isNormal = (text: string) =>
    ipaddr.IPv4.isValidFourPartDecimal(text) && ipaddr.parse(text).toString() === text;
  fc.assert(fc.property(texts, (text) => assertEquals(isPlainIpv4(text), isNormal(text), text)), {
    numRuns: 2000,
  });
  assert(isPlainIpv4("0.0.0.0") && isPlainIpv4("255.255.255.255"));
  for (
    const other of [
      "1.2.3.4.",
      ".1.2.3.4",
      "1.2.3",
      "01.2.3.4",
      "1.2.3.4\n",
      " 1.2.3.4",
      "１.2.3.4",
      "0.100..",
      "1.2.3.256",
      "1.2.3.0x4",
    ]
  ) {
    assert(!isPlainIpv4(other), other);
  }
});
