import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isSameAddress,
  parseMailAddress,
  tidyMailAddress,
} from "../../src/identifiers/mail_address.ts";
import { anyText } from "../support/any_text.ts";

/** All of them are `ann@example.com`. */
const spellings = [
  "ann@example.com",
  "ANN@EXAMPLE.COM",
  "  ann@example.com\t",
  "ann@example.com.",
  "ann\uff20example.com", // a full-width sign
  "\uff41nn@example.com", // a full-width letter
  "ann@example\u3002com", // an ideographic full stop
  "ann@exam\u00adple.com", // a soft hyphen
  "ann\u200b@example.com", // a zero-width space
  "\u202aann@example.com\u202c", // marks of direction
  "a\ufe0fnn@example.com", // a variation selector
  "ann@\u24d4xample.com", // a letter in a circle
];

Deno.test("every spelling of a mail address has one canonical form", () => {
  for (const spelling of spellings) {
    assertEquals(parseMailAddress(spelling), "ann@example.com", JSON.stringify(spelling));
    assertEquals(isSameAddress(spelling, "Ann@Example.com"), true);
  }
});

Deno.test("an international domain has the same canonical form in letters and in Punycode", () => {
  const canonical = "x@xn--bcher-kva.example";
  for (const domain of ["bücher", "BÜCHER", "bu\u0308cher", "xn--bcher-kva", "XN--BCHER-KVA"]) {
    assertEquals(parseMailAddress(`x@${domain}.example`), canonical, domain);
  }
});

Deno.test("an international domain is stored and shown as it was typed", () => {
  for (
    const [typed, tidy] of [
      ["X@BÜCHER.example.", "x@bücher.example"],
      ["x@xn--bcher-kva.example", "x@xn--bcher-kva.example"],
      ["x@bücher\u3002example", "x@bücher.example"],
      ["x@\uff45xample.com", "x@example.com"],
    ] as const
  ) {
    assertEquals(tidyMailAddress(typed), tidy);
  }
});

Deno.test("different addresses have different canonical forms", () => {
  for (
    const [one, other] of [
      ["ann@example.com", "ann+shop@example.com"],
      ["ann@example.com", "a.nn@example.com"],
      ["mike@example.com", "m\u0131ke@example.com"], // a dotless i
      ["a@example.com", "\u0430@example.com"], // Cyrillic
      ["a@example.com", "a@mail.example.com"],
    ] as const
  ) {
    assertEquals(isSameAddress(one, other), false, other);
  }
});

Deno.test("a text that is not one plain address is refused", () => {
  for (
    const text of [
      "",
      "ann",
      "@example.com",
      "ann@",
      "ann@example.com,eve@example.com",
      "ann@example.com;eve@example.com",
      "ann@example.com eve@example.com",
      "ann@example.com\r\nBcc: eve@example.com",
      "ann@eve@example.com",
      '"ann"@example.com',
      "<ann@example.com>",
      "Ann <ann@example.com>",
      "(ann)ann@example.com",
      "ann@example.com,",
      "ann@[192.0.2.1]",
      "ann@192.0.2.1",
      "ann@127.1", // URL parsers read it as 127.0.0.1
      "ann@0x7f.1",
      "ann@example.com:25",
      "ann@example.com/x",
      "ann@example.com?x",
      "ann@example.com#x",
      "ann@exam%70le.com",
      "ann@-example.com",
      "ann@example..com",
      "ann@xn--a.example", // no Punycode
      `ann@${"a".repeat(64)}.example`,
      `${"a".repeat(250)}@example.com`,
      "\ud800@example.com",
      "x".repeat(100_000) + "@example.com",
    ]
  ) {
    assertEquals(parseMailAddress(text), null, JSON.stringify(text.slice(0, 60)));
  }
});

/** Texts that have a good chance to be addresses, from everything that Unicode offers. */
const anyAddress = fc.tuple(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  fc.constantFrom("@", "\uff20", "\ufe6b"),
  fc.oneof(fc.domain(), fc.string({ unit: "grapheme", maxLength: 12 }).map((s) => `${s}.example`)),
).map((parts) => parts.join(""));

Deno.test("the canonical form of a canonical form is itself", () => {
  fc.assert(
    fc.property(fc.oneof(anyAddress, anyText()), (text) => {
      const address = parseMailAddress(text);
      if (address === null) return;
      assertEquals(parseMailAddress(address), address);
      const tidy = tidyMailAddress(text) ?? "";
      assertEquals([tidyMailAddress(tidy), parseMailAddress(tidy)], [tidy, address]);
      assertEquals(tidyMailAddress(address), address);
      // What mail servers and headers get is one line, one address, and nothing that is not shown.
      assertEquals(/^[^\s\p{C}@<>,;:"]+@[a-z0-9._-]+$/u.test(address), true, address);
    }),
    { numRuns: 800 },
  );
});

Deno.test("case, width, composition and invisible characters do not change the canonical form", () => {
  const changes = fc.array(
    fc.constantFrom<(text: string) => string>(
      (text) => text.toUpperCase(),
      (text) => text.normalize("NFD"),
      (text) => ` ${text} `,
      (text) => [...text].join("\u200b"),
      (text) => [...text].join("\u00ad"),
      (text) => text.replaceAll(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ),
    { maxLength: 4 },
  );
  // Letters whose capital is another letter's, too, are left out: those spellings are other addresses.
  const local = fc.stringMatching(/^[a-hj-z0-9äöüéñ+._-]{1,12}$/);
  fc.assert(fc.property(local, fc.domain(), changes, (name, domain, steps) => {
    const address = parseMailAddress(`${name}@${domain}`);
    if (address === null) return;
    const spelling = steps.reduce((text, step) => step(text), address);
    assertEquals(parseMailAddress(spelling), address, JSON.stringify(spelling));
  }));
});
