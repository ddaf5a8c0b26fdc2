import { assertEquals } from "@std/assert";
import * as rateLimits from "../../stores/rate_limits.ts";

Deno.test("the remembered place of a limit is its place, for any number of subjects of any length", async () => {
  const texts = Array.from({ length: 5000 }, (_, n) => `${n}`.repeat(1 + n % 400));
  const subjects = [
    ...texts.map((text) => [text]),
    // The same characters, in other parts
    [],
    [""],
    ["", ""],
    ["a\n1 b"],
    ["a", "b"],
    ["a\n", "1 b"],
    ["a", "b", ""],
    ...texts.slice(-10).map((text) => [text]),
  ];
  for (const subject of subjects) {
    const { key } = await rateLimits.ref("sign-in", ...subject);
    assertEquals(rateLimits.recentRef("sign-in", ...subject).key, key);
  }
});
