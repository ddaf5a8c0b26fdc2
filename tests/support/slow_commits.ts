import { groupCommits } from "../../stores/engine/group_commit.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";

/**
 * A store as a local file is used: its commits take a while, and those that come meanwhile share the next.
 * @param wait how long one takes
 * @param turn of the event loop
 */
export function slowCommits(
  store: KvBackend,
  wait: () => Promise<unknown>,
  turn?: () => Promise<void>,
): KvBackend {
  return groupCommits({
    ...store,
    remote: false,
    async commit(batch) {
      await wait();
      return await store.commit(batch);
    },
  }, turn);
}
