import type { Context, Handler } from "hono";
import type { H } from "hono/types";
import { type Declaration, declare, type Facts, type Method } from "./declaration.ts";
import type { AppEnv } from "./http/context.ts";
import { type FormHandler, type FormKind, pageForm } from "./http/page_form.ts";

/** A declaration with what answers it. */
export interface Endpoint extends Declaration {
  /** The last one answers; those before it may. */
  readonly handlers: readonly H[];
}

/** One endpoint: what is true of it, and its handler. */
export function endpoint<Path extends string>(
  { path, methods, ...facts }: Facts & {
    readonly path: Path;
    readonly methods: readonly Method[];
  },
  ...handlers: readonly Handler<AppEnv, Path>[]
): Endpoint {
  return { ...declare(path, methods, facts), handlers };
}

type Add = <Path extends string>(
  path: Path,
  handler: Handler<AppEnv, Path>,
  other?: Partial<Facts>,
) => Endpoints;

/** Endpoints of which the same is true; each may differ in a fact that is named beside its handler. */
export interface Endpoints extends Iterable<Endpoint> {
  readonly get: Add;
  readonly post: Add;
  readonly put: Add;
  readonly patch: Add;
  readonly delete: Add;
}

/** Begins a list of endpoints. @param prefix of all their paths */
export function endpoints(facts: Facts, prefix = ""): Endpoints {
  const all: Endpoint[] = [];
  const adding = (method: Method): Add => (path, handler, other) => {
    const declaration = declare(prefix + path, [method], { ...facts, ...other });
    all.push({ ...declaration, handlers: [handler] });
    return list;
  };
  const list: Endpoints = {
    get: adding("GET"),
    post: adding("POST"),
    put: adding("PUT"),
    patch: adding("PATCH"),
    delete: adding("DELETE"),
    [Symbol.iterator]: () => all.values(),
  };
  return list;
}

/**
 * Pages and the forms on them. There is no `post`: the handler of a form gets only one that has passed
 * the checks of its kind.
 */
export interface Pages extends Iterable<Endpoint> {
  get<Path extends string>(
    path: Path,
    handler: Handler<AppEnv, Path>,
    other?: Partial<Facts>,
  ): Pages;
  /** A POST of a page, or of its script. */
  form<Details>(
    path: string,
    kind: FormKind<Details>,
    handle: FormHandler<Details>,
    other?: Partial<Facts>,
  ): Pages;
  /**
   * A POST that the protocol lets a page of any site send. It comes without our cookies, so its handler
   * acts for nobody: it keeps the request and redirects to a GET.
   */
  crossSitePost(
    path: string,
    handler: (c: Context<AppEnv>) => Promise<Response>,
    other?: Partial<Facts>,
  ): Pages;
}

/** Begins a list of pages and of the forms on them. */
export function pages(): Pages {
  const all = endpoints({ kind: "page" });
  const list: Pages = {
    get(path, handler, other) {
      all.get(path, handler, other);
      return list;
    },
    form(path, kind, handle, other) {
      all.post(path, pageForm(kind, handle), other);
      return list;
    },
    crossSitePost(path, handler, other) {
      all.post(path, handler, other);
      return list;
    },
    [Symbol.iterator]: () => all[Symbol.iterator](),
  };
  return list;
}
