import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * A router that looks for the handlers of a path without parameters once, because they are the same for each
 * of its requests. The trie goes through all patterns that a path fits, which takes longer than to make the
 * answer, and Hono's faster routers cannot take the paths of the pages' app.
 */
export function knownPaths<T>(): Router<T> {
  const trie = new TrieRouter<T>();
  /** Only these are remembered, so that no request makes it grow. */
  const declared = new Set<string>();
  const found = new Map<string, Result<T>>();
  return {
    name: "KnownPaths",
    add(method, path, handler) {
      trie.add(method, path, handler);
      if (!/[:*{?]/.test(path)) declared.add(`${method} ${path}`);
      found.clear();
    },
    match(method, path) {
      const name = `${method} ${path}`;
      const known = found.get(name);
      if (known !== undefined) return known;
      const handlers = trie.match(method, path);
      if (declared.has(name)) found.set(name, handlers);
      return handlers;
    },
  };
}
