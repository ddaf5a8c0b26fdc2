import { Hono, type MiddlewareHandler } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import type { Deps } from "../src/deps/deps.ts";
import { Problem } from "./http/problem.ts";
import { OAuthError } from "../src/protocol/errors.ts";
import { type Declaration, declare, type Facts } from "./declaration.ts";
import type { Endpoint } from "./endpoint.ts";
import type { AppEnv } from "./http/context.ts";
import { dpopNonce } from "./http/dpop.ts";
import { anyOrigin, noStore } from "./http/headers.ts";
import { languageChoice } from "./http/language.ts";
import { openedAhead, unlessAhead } from "./http/opened_ahead.ts";
import { rateLimit } from "./http/rate_limit.ts";
import { refusedFormNotice } from "./http/refused_form.ts";
import { situationPage } from "./http/situation_page.tsx";
import { meantPath } from "./http/typed_path.ts";

/** A part of the provider: one app with its declarations. */
export interface Wing {
  readonly app: Hono<AppEnv>;
  readonly endpoints: readonly Endpoint[];
  /**
   * Paths below which everything belongs to this wing. An unknown path there is answered in this kind.
   */
  readonly territory: Readonly<Record<string, Facts>>;
}

/**
 * Makes one app of endpoints. Each request passes the middleware that its endpoint declares, and no
 * other.
 */
export function wing(
  deps: Deps,
  endpoints: readonly Endpoint[],
  territory: Readonly<Record<string, Facts>> = {},
): Wing {
  const app = new Hono<AppEnv>();
  for (const endpoint of endpoints) {
    const { path, methods } = endpoint;
    app.on([...methods], [path], ...before(deps, endpoint), ...endpoint.handlers);
  }
  return { app, endpoints, territory };
}

/** The middleware of a declaration, in order. */
function before(deps: Deps, declaration: Declaration): MiddlewareHandler<AppEnv>[] {
  // Then no request that was sent ahead comes further.
  const refusesAhead = !declaration.isSafe && declaration.methods.includes("GET");
  return [
    async (c, next) => {
      c.set("endpoint", declaration);
      await next();
    },
    ...(refusesAhead ? [openedAhead] : []),
    ...(declaration.cors ? [anyOrigin] : []),
    ...(declaration.noStore ? [noStore] : []),
    ...(declaration.dpopNonce ? [dpopNonce(deps)] : []),
    ...(declaration.kind === "page"
      ? [languageChoice(deps), refusedFormNotice(deps)]
        .map((one) => refusesAhead ? one : unlessAhead(one))
      : []),
    ...(declaration.counted === "requests" ? [rateLimit(deps)] : []),
  ];
}

/**
 * Answers requests without an endpoint: 405 if the path has other methods, 404 if the path is unknown, and a
 * redirect if it is that of a page, typed in another way.
 * The format is that of the caller, so a program that mistypes a path gets JSON and not a page.
 */
export function refusals(
  deps: Deps,
  wings: readonly Wing[],
  elsewhere: readonly Declaration[],
): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const declared = [...wings.flatMap(({ endpoints }) => endpoints), ...elsewhere];
  const methods = new TrieRouter<string>();
  for (const { path, methods: some } of declared) {
    for (const method of some) methods.add("ANY", path, method);
  }
  // If pages and programs share a path, the answer is for programs.
  const programsFirst = declared.toSorted((a, b) => Number(isPage(a)) - Number(isPage(b)));
  for (const declaration of programsFirst) {
    app.on("ALL", [declaration.path], ...before(deps, declaration), (c) => {
      const allowed = new Set(methods.match("ANY", c.req.path)[0].map(([method]) => method));
      if (allowed.has("GET")) allowed.add("HEAD"); // every GET is answered without its body too
      throw wrongMethod(declaration, [...allowed].sort().join(", "));
    });
  }
  const programs = declared.filter((declaration) => !isPage(declaration));
  const territories = wings.flatMap(({ territory }) => {
    return Object.entries(territory).map(([path, facts]) => declare(path, [], facts));
  });
  for (const { path, kind, cors, noStore } of [...programs, ...territories]) {
    // Without methods they share one limit, so that nobody can fill the store with made-up paths.
    const declaration = declare(`${path}/*`, [], { kind, cors, noStore });
    app.on("ALL", [declaration.path], ...before(deps, declaration), () => {
      throw unknownPath(declaration);
    });
  }
  const opened = declared.filter((one) => isPage(one) && one.methods.includes("GET"));
  const pages = new Set(opened.map(({ path }) => path));
  const nowhere = declare("*", [], { kind: "page" });
  return app.on("ALL", ["*"], ...before(deps, nowhere), async (c) => {
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    const meant = isRead ? meantPath(c.req.path, pages) : null;
    if (meant === null) return await situationPage(c, "not_found", 404);
    c.header("Cache-Control", "no-store");
    return c.redirect(`${meant}${new URL(c.req.url).search}`, 303);
  });
}

function isPage({ kind }: Declaration): boolean {
  return kind === "page";
}

function wrongMethod({ kind }: Declaration, allowed: string): Error {
  const headers = { Allow: allowed };
  if (kind === "api") {
    return new Problem("method_not_allowed", "this path has other methods", { headers });
  }
  return new OAuthError("invalid_request", "method not allowed", { status: 405, headers });
}

function unknownPath({ kind }: Declaration): Error {
  if (kind === "api") return new Problem("not_found", "there is no such path");
  return new OAuthError("invalid_request", "there is no such path", { status: 404 });
}
