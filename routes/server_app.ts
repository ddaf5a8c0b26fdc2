import type { Deps } from "../src/deps/deps.ts";
import { type Answer, plainApp } from "./plain_app.ts";
import { plainEndpoints } from "./protocol/index.ts";

/** The provider of a server process, which answers clients before it has loaded the pages. */
export interface ServerApp {
  readonly fetch: Answer;
  /** Loads the rest. The first request that needs it does so too. */
  loadPages(): Promise<void>;
}

/** The same provider as `createApp`, but pages, account and admin API are loaded later. */
export function createServerApp(deps: Deps): ServerApp {
  const endpoints = plainEndpoints(deps);
  let loading: Promise<Answer> | null = null;
  return {
    fetch: plainApp(deps, endpoints, async (request, from) => (await pages())(request, from)),
    async loadPages() {
      await pages();
    },
  };

  function pages(): Promise<Answer> {
    loading ??= load();
    // A file that cannot be read now may be readable at the next request.
    loading.catch(() => loading = null);
    return loading;
  }

  async function load(): Promise<Answer> {
    const { browserApp } = await import("./browser_app.ts");
    return browserApp(deps, endpoints).fetch;
  }
}
