import type { Deps } from "../src/deps/deps.ts";
import { addressParser } from "../src/limits/ip_address.ts";
import { browserApp } from "./browser_app.ts";
import { type Answer, plainApp } from "./plain_app.ts";
import { plainEndpoints } from "./protocol/index.ts";

await addressParser.load();

/** The whole provider. It depends only on its arguments and on the requests. */
export interface App {
  readonly fetch: Answer;
  /** The routes of the pages' app, for tests. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
}

/** The provider with all of its endpoints loaded. */
export function createApp(deps: Deps): App {
  const endpoints = plainEndpoints(deps);
  const pages = browserApp(deps, endpoints);
  return { fetch: plainApp(deps, endpoints, pages.fetch), routes: pages.routes };
}
