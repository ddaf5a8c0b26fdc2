import { nodeCrypto } from "../src/crypto/node_crypto.ts";
import type { Deps } from "../src/deps/deps.ts";
import { later } from "../src/deps/later.ts";
import { addressParser } from "../src/limits/ip_address.ts";
import { loadContexts } from "../src/telemetry/logger.ts";
import { isAddressReadable } from "./http/client_address.ts";
import { type Answer, plainApp } from "./plain_app.ts";
import { plainEndpoints } from "./protocol/index.ts";

/** The provider of a server process, which answers clients before it has loaded everything. */
export interface ServerApp {
  readonly fetch: Answer;
  /** Loads the endpoints for clients. The first request to one of them does so too. */
  loadEndpoints(): Promise<void>;
  /** Loads the rest. The first request that needs it does so too. */
  loadPages(): Promise<void>;
}

/** The same provider as `createApp`, but most of its code is loaded later. */
export function createServerApp(deps: Deps): ServerApp {
  const endpoints = plainEndpoints(deps);
  const pages = later(async () => {
    const { browserApp } = await import("./browser_app.ts");
    return browserApp(deps, endpoints).fetch;
  });
  const plain = plainApp(
    deps,
    endpoints,
    (request, from) => pages.use(async (answer) => await answer(request, from)),
  );
  return {
    fetch: (request, from) =>
      isAddressReadable(request, from?.remoteAddress, deps.config)
        ? plain(request, from)
        : addressParser.use(async () => await plain(request, from)),
    async loadEndpoints() {
      await addressParser.load();
      loadContexts();
      nodeCrypto();
      for (const { answer } of endpoints) await answer.load?.();
    },
    async loadPages() {
      await pages.load();
    },
  };
}
