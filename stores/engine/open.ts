import type { KvBackend, Timers } from "./kv.ts";
import { openLocalFile, openMemory } from "./local_file.ts";

/** Where the state of an installation is. */
export type StoreLocation =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "memory" }
  /** A KV Connect server. */
  | { readonly kind: "remote"; readonly url: string }
  /** Deno Deploy's own store. */
  | { readonly kind: "default" };

/**
 * Opens the store.
 * @throws {StoreNotOpened} if another process has the file, or the server does not answer
 */
export async function openStore(location: StoreLocation, timers: Timers): Promise<KvBackend> {
  switch (location.kind) {
    case "file":
      return await openLocalFile(location.path);
    case "memory":
      return await openMemory();
  }
  const { openRemote } = await import("./remote.ts");
  const url = location.kind === "remote" ? location.url : undefined;
  return await openRemote(() => Deno.openKv(url), { timers });
}

/** The name of a store for messages. Of a URL it shows only the parts that cannot hold a secret. */
export function storeName(location: StoreLocation): string {
  switch (location.kind) {
    case "file":
      return location.path;
    case "memory":
      return "a store in memory";
    case "remote":
      return new URL(location.url).origin;
    case "default":
      return "this platform's own KV";
  }
}
