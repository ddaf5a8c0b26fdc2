import type { Entry } from "../../stores/collection.ts";
import type { Provider } from "../../stores/provider.ts";

/** The server's own record, without which nothing is issued. It is made at the first boot. */
export function assertProvider(entry: Entry<Provider>): Provider {
  if (entry.value !== null) return entry.value;
  throw new Error("the store has no provider record: the boot did not finish");
}
