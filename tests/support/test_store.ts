import { type KvBackend, systemTimers } from "../../stores/engine/kv.ts";
import { openMemory } from "../../stores/engine/local_file.ts";
import { openRemote } from "../../stores/engine/remote.ts";
import { accessToken, aKvServer, onDenokv } from "./denokv.ts";

/** An empty store for the provider of one test. */
export interface ProviderStore {
  readonly backend: KvBackend;
  close(): Promise<void>;
}

/** How many apps on that store take a provider's requests in turn, as several processes would. */
export const appsOnStore = onDenokv ? 3 : 1;

/** In memory; with LATCHKEY_TEST_STORE=denokv on a KV Connect server of the test's own. */
export async function openTestStore(): Promise<ProviderStore> {
  if (!onDenokv) {
    const backend = await openMemory();
    // deno-lint-ignore require-await -- the other one has to wait for a process
    return { backend, close: async () => backend.close() };
  }
  const server = await aKvServer();
  Deno.env.set("DENO_KV_ACCESS_TOKEN", accessToken); // where its client looks for it
  const open = () => Deno.openKv(server.url);
  const backend = await openRemote(open, { timers: systemTimers, handles: 3 });
  return {
    backend,
    async close() {
      backend.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
