import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { TrieRouter } from "hono/router/trie-router";
import { knownPaths } from "../../routes/http/known_paths.ts";

const patterns = ["/", "/a", "/a/b", "/a/:id", "/:x/b", "/a/*", "/:y{[a-b]+}", "/b/:z?", "*"];
const paths = ["/", "/a", "/b", "/a/b", "/a/c", "/b/b", "/c/b", "/a/b/c", "/a/:id", "/b/:z?"];
const methods = ["GET", "POST", "ALL"];

Deno.test("a remembered path has the handlers and parameters that the trie finds for it", () => {
  const route = fc.tuple(fc.constantFrom(...methods), fc.constantFrom(...patterns));
  const asked = fc.tuple(fc.constantFrom("GET", "POST", "ODD"), fc.constantFrom(...paths));
  const call = fc.oneof(
    route.map(([method, path]) => ({ kind: "add" as const, method, path })),
    asked.map(([method, path]) => ({ kind: "match" as const, method, path })),
  );
  fc.assert(
    fc.property(fc.array(call, { minLength: 9, maxLength: 30 }), (calls) => {
      const [ours, trie] = [knownPaths<number>(), new TrieRouter<number>()];
      calls.forEach(({ kind, method, path }, n) => {
        if (kind === "match") assertEquals(ours.match(method, path), trie.match(method, path));
        else for (const router of [ours, trie]) router.add(method, path, n);
      });
    }),
    { numRuns: 500 },
  );
});

Deno.test("only paths that were declared are remembered, however many others are asked for", () => {
  const router = knownPaths<string>();
  for (const path of ["/a", "/a/:id", "*"]) router.add("GET", path, path);
  const isRemembered = (method: string, path: string) =>
    router.match(method, path) === router.match(method, path);
  assertEquals(isRemembered("GET", "/a"), true);
  for (const path of ["/a/1", "/a/", "/A", "/%61", "//a", "/a?", "/b", ""]) {
    assertEquals(isRemembered("GET", path), false, path);
  }
  assertEquals(isRemembered("POST", "/a"), false);
});
