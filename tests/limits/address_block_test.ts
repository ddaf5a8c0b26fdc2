import { assertEquals } from "@std/assert";
import { addressBlock } from "../../src/limits/address_block.ts";

Deno.test("an IPv4 address is its own block, in every spelling", () => {
  assertEquals(addressBlock("203.0.113.7"), "203.0.113.7");
  assertEquals(addressBlock("::ffff:203.0.113.7"), "203.0.113.7");
});

Deno.test("the block of an IPv6 address is its /64", () => {
  const block = addressBlock("2001:db8:1:2::1");
  assertEquals(addressBlock("2001:db8:1:2:ffff:ffff:ffff:ffff"), block);
  assertEquals(addressBlock("2001:0DB8:0001:0002:0:0:0:0"), block);
  assertEquals(block, "2001:db8:1:2::/64");
  assertEquals(addressBlock("2001:db8:1:3::1"), "2001:db8:1:3::/64");
});

Deno.test("all requests without an address share one block", () => {
  assertEquals(addressBlock(null), "unknown");
  assertEquals(addressBlock("somewhere"), "unknown");
});
