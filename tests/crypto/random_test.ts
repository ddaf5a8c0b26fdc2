import { assert, assertEquals } from "@std/assert";
import { systemRandom } from "../../src/crypto/random.ts";

Deno.test("random bytes are fresh at each call, of any length, and nothing that was given out changes", () => {
  const lengths = Array.from({ length: 3000 }, (_, n) => 1 + n * 7 % 130);
  const given = lengths.map((length) => systemRandom.bytes(length));
  const copies = given.map((bytes) => bytes.slice());
  systemRandom.bytes(64);
  assertEquals(given, copies);
  assertEquals(given.map(({ length }) => length), lengths);
  const long = given.filter(({ length }) => length >= 12).map((bytes) => bytes.toString());
  assertEquals(new Set(long).size, long.length);
  // Every value at every place of an id, as often as any other.
  const ids = Array.from({ length: 4096 }, () => systemRandom.bytes(16));
  assertEquals(new Set(ids.map(String)).size, ids.length);
  for (let place = 0; place < 16; place++) {
    const seen = new Set(ids.map((id) => id[place]));
    assert(seen.size > 250, `${seen.size} values at ${place}`);
  }
});
