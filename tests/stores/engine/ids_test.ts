import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  ascendingIds,
  type Ids,
  jwtKey,
  scatteredIds,
  secretKey,
} from "../../../stores/engine/ids.ts";
import { digest } from "../../../src/crypto/digest.ts";
import { systemRandom } from "../../../src/crypto/random.ts";

const moment = fc.integer({ min: 0, max: 2 ** 42 - 1 });

Deno.test("ids, token ids and the keys of secrets ascend with time on a local file", () => {
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      const [earlier, later] = [one, other].sort((a, b) => a - b)
        .map((at) => ascendingIds(systemRandom, at));
      if (one === other || !earlier || !later) return;
      assert(earlier.id() < later.id());
      const [first, second] = [earlier.tokenId(), later.tokenId()];
      assert(jwtKey("a.b.c", first) < jwtKey("a.b.c", second));
      assert(secretKey(`grant.${earlier.secret()}`) < secretKey(`grant.${later.secret()}`));
    }),
  );
});

Deno.test("ids of one millisecond differ in 90 bits and more", () => {
  const ids = ascendingIds(systemRandom, Date.now());
  assertMatch(ids.id(), /^[A-Za-z0-9_-]{22}$/);
  assertMatch(ids.tokenId(), /^[A-Za-z0-9_-]{23}$/);
  assertMatch(ids.secret(), /^[A-Za-z0-9_-]{44}$/);
  const lengths = { id: 15, tokenId: 16, secret: 37 };
  for (const kind of ["id", "tokenId", "secret"] as const) {
    const made = Array.from({ length: 3000 }, () => ids[kind]().slice(7));
    assertEquals(new Set(made).size, made.length);
    for (let n = 0; n < lengths[kind]; n++) {
      const letters = new Set(made.map((text) => text[n]));
      assertEquals(letters.size, 64, `character ${n} of ${kind}`);
    }
  }
});

const kinds = ["id", "tokenId", "secret", "text"] as const;

/** What is random of an id or a secret, or a text of its own. */
function randomPart(ids: Ids, kind: typeof kinds[number]): string {
  return kind === "text" ? ids.text(21) : ids[kind]().slice(7);
}

Deno.test("each character is of 6 random bits, whatever is made of one call of the source", () => {
  const ones = { bytes: (length: number) => new Uint8Array(length).fill(255) };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 12 }), (kinds) => {
      const ids = ascendingIds(ones, 0);
      for (const kind of kinds) assertMatch(randomPart(ids, kind), /^_+$/);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("nothing of a secret is in an id, a text or another secret of its step", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 20 }), (kinds) => {
    const ids = ascendingIds(systemRandom, 0);
    const made = kinds.map((kind) => randomPart(ids, kind));
    const windows = made.flatMap((text) =>
      Array.from({ length: text.length - 7 }, (_, n) => text.slice(n, n + 8))
    );
    assertEquals(new Set(windows).size, windows.length);
  }));
});

Deno.test("on a shared store ids begin at random, and a secret is stored under its digest alone", async () => {
  const ids = scatteredIds(systemRandom);
  const made = Array.from({ length: 500 }, () => ids.id()[0]);
  assert(new Set(made).size > 40);
  const secret = `grant.${ids.secret()}`;
  assertEquals(secretKey(secret), await digest(secret));
  assertEquals(jwtKey("a.b.c", ids.tokenId()), await digest("a.b.c"));
});

Deno.test("secrets that differ only in their time have different keys, and no text has another's key", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      if (one !== other) assert(secretKey(one).slice(-43) !== secretKey(other).slice(-43));
    }),
  );
});
