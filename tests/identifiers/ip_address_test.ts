import { assertEquals } from "@std/assert";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { canonicalIpAddress, networkOf } from "../../src/identifiers/ip_address.ts";

Deno.test("an IP address has one canonical form, and other texts have none", () => {
  const cases: Record<string, string | null> = {
    "192.0.2.1": "192.0.2.1",
    "2001:DB8:0:0:0:0:0:1": "2001:db8::1",
    "::": "::",
    "::ffff:192.0.2.1": "192.0.2.1",
    "::FFFF:c000:201": "192.0.2.1",
    "64:ff9b::192.0.2.1": "64:ff9b::c000:201",
    "192.0.2.01": null,
    "192.0.2.256": null,
    "192.0.2": null,
    "3221225985": null,
    "0xc0.0.2.1": null,
    "192.0.2.1.": null,
    "2001:db8::1::": null,
    "fe80::1%eth0": null,
    ":": null,
    ":::": null,
    "[::1]": null,
    "::1]@[::2": null,
    "::1/64": null,
    "1.2.3.4:80": null,
    "example": null,
    "": null,
  };
  const found = Object.keys(cases).map((text) => [text, canonicalIpAddress(text)]);
  assertEquals(Object.fromEntries(found), cases);
});

Deno.test("canonical addresses and their networks are those of another parser", () => {
  const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff }));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(groups, fc.nat(8), (parts, form) => {
    const address = new ipaddr.IPv6(parts);
    const hex = parts.map((part) => part.toString(16));
    const tail = parts.slice(6).flatMap((part) => [part >> 8, part & 255]).join(".");
    const texts = [
      address.toString(),
      address.toNormalizedString().toUpperCase(),
      hex.map((part) => part.padStart(4, "0")).join(":"),
      [...hex.slice(0, 6), tail].join(":"),
    ];
    const text = texts[form % texts.length] ?? "";
    const canonical = canonicalIpAddress(text);
    assertEquals(canonical, ipaddr.process(text).toString());
    if (canonical?.includes(":")) {
      const network = [...parts.slice(0, 4), 0, 0, 0, 0];
      assertEquals(networkOf(canonical), new ipaddr.IPv6(network).toString());
    }
  }));
  const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
  fc.assert(fc.property(octets, (parts) => {
    assertEquals(canonicalIpAddress(parts.join(".")), parts.join("."));
  }));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."01a:.[]/@%? ") }), (text) => {
      const canonical = canonicalIpAddress(text);
      if (canonical !== null) assertEquals(canonical, ipaddr.process(text).toString());
    }),
    { numRuns: 2000 },
  );
});
