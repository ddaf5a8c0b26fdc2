import type { Context, Hono } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { AppEnv } from "./context.ts";
import { situationPage } from "./situation_page.tsx";

/** Answers what no route took: 405 where the path has other methods, 404 where it has none. */
export function notFound(app: Hono<AppEnv>) {
  const methods = new TrieRouter<string>();
  for (const { method, path } of app.routes) {
    if (method !== "ALL") methods.add("ANY", path, method);
  }
  return (c: Context<AppEnv>) => {
    const allowed = new Set(methods.match("ANY", c.req.path)[0].map(([method]) => method));
    if (allowed.size > 0) {
      c.header("Allow", [...allowed].sort().join(", "));
      return c.json({ error: "invalid_request", error_description: "method not allowed" }, 405);
    }
    return situationPage(c, "not_found", 404);
  };
}
