import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { skeleton } from "../../src/identifiers/skeleton.ts";
import { isAddressLike, normalName, parseUsername } from "../../src/identifiers/username.ts";
import { anyText } from "../support/any_text.ts";

Deno.test("names in any one script are valid usernames and stay as typed", () => {
  for (
    const name of [
      "alice",
      "Alice B. Adams",
      "o'neil",
      "josé",
      "алиса",
      "Κώστας",
      "مریم",
      "नेहा",
      "山田太郎",
      "山田Taro",
      "김서연",
      "Նարե",
      "ᏣᎳᎩ",
      "user_17-x.y",
      "🙂",
      "a".repeat(256),
    ]
  ) {
    assertEquals(parseUsername(name), name);
  }
});

Deno.test("names that imitate others are refused", () => {
  for (
    const name of [
      "",
      " alice",
      "alice ",
      "ali  ce", // pages show two blanks as one
      "ali\u00a0ce",
      "ali\tce",
      "ali\nce",
      "ali\u2028ce",
      "ali\u200bce",
      "ali\u00adce",
      "ali\u202ece",
      "ali\u{e0061}ce",
      "ali\u3164ce", // a Hangul filler
      "ali\uffa0ce", // which one becomes by folding
      "ali\u2800ce", // the blank of Braille
      "\u0301alice",
      "a\u0301\u0302\u0303\u0304\u0306lice",
      "ali\u0000ce",
      "ali\ud800ce",
      "ali\ue000ce",
      "a".repeat(257),
      "\ufdfa".repeat(20), // 18 characters each, folded
      "x".repeat(100_000),
      "p\u0430ypal", // Latin with a Cyrillic a
      "\u0391lice", // with a Greek capital alpha
      "al\u0456ce",
      "\u{10330}\u{10331}", // Gothic
      '"ann"@example.com',
      "<ann@example.com>",
      "ann@example.com,",
      "ann@",
      "a\uff20b@c",
    ]
  ) {
    assertEquals(parseUsername(name), null, JSON.stringify(name.slice(0, 40)));
  }
});

Deno.test("a username with an at sign is stored as a canonical mail address", () => {
  for (const name of ["ann@example.com", "Ann@Example.COM.", "ann\uff20example.com"]) {
    assertEquals(parseUsername(name), "ann@example.com");
    assert(isAddressLike(name));
    assertEquals(normalName(name), "ann@example.com");
  }
  assertEquals(isAddressLike("ann"), false);
});

Deno.test("names that look alike have one skeleton, and other names have different ones", () => {
  for (
    const [one, other] of [
      ["paypal", "\u0440\u0430\u0443\u0440\u0430l"],
      ["paypal", "PAYPA1"],
      ["scope", "\u0455\u0441\u043e\u0440\u0435"],
      ["modern", "modem"],
      ["bob", "b0b"],
      ["alice", "ali\u200bce"],
      ["\u{1d51e}lice", "alice"],
      ["josé", "jose\u0301"],
      ["Straße", "straße"],
    ] as const
  ) {
    assertEquals(skeleton(one), skeleton(other), `${one} ${other}`);
  }
  for (const [one, other] of [["alice", "alicia"], ["jose", "josé"], ["user1", "user2"]] as const) {
    assertNotEquals(skeleton(one), skeleton(other));
  }
});

Deno.test("folding a name again changes nothing, and does not change the skeleton", () => {
  const typed = fc.oneof(fc.string({ unit: "grapheme" }), anyText());
  fc.assert(
    fc.property(typed, (text) => {
      const name = normalName(text);
      assertEquals(normalName(name), name);
      const username = parseUsername(text);
      if (username === null) return;
      assertEquals(parseUsername(username), username);
      // An address is its owner's by the address itself; an international host has two forms.
      if (isAddressLike(username)) return;
      assertEquals(skeleton(username), skeleton(normalName(username)));
    }),
    { numRuns: 800 },
  );
});
