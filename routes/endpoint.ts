import type { Context, Handler } from "hono";
import type { H } from "hono/types";
import { type Declaration, declare, type Facts, type Method } from "./declaration.ts";
import type { AppEnv } from "./http/context.ts";
import { type FormHandler, type FormKind, pageForm } from "./http/page_form.ts";

/** A declaration with its handlers. */
export interface Endpoint extends Declaration {
  /** The last one must answer. The ones before it may answer. */
  readonly handlers: readonly H[];
}

/** One endpoint: its properties and its handler. */
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

/** Endpoints with the same properties. Each may override some of them, beside its handler. */
export interface Endpoints extends Iterable<Endpoint> {
  readonly get: Add;
  readonly post: Add;
  readonly put: Add;
  readonly patch: Add;
  readonly delete: Add;
}

/** Begins a list of endpoints. @param prefix the beginning of all their paths */
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
 * Pages and their forms. There is no `post`: the handler of a form gets only a form that has passed the
 * checks of its kind.
 */
export interface Pages extends Iterable<Endpoint> {
  get<Path extends string>(
    path: Path,
    handler: Handler<AppEnv, Path>,
    other?: Partial<Facts>,
  ): Pages;
  /** A POST from a page, or from its script. */
  form<Details>(
    path: string,
    kind: FormKind<Details>,
    handle: FormHandler<Details>,
    other?: Partial<Facts>,
  ): Pages;
  /**
   * A POST that a page of any site may send, as the protocol allows. It comes without our cookies, so
   * its handler acts for no user: it stores the request and redirects to a GET.
   */
  crossSitePost(
    path: string,
    handler: (c: Context<AppEnv>) => Promise<Response>,
    other?: Partial<Facts>,
  ): Pages;
}

/** Begins a list of pages and their forms. */
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
