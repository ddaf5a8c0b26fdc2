/**
 * A program for a process with `--expose-gc`: prints the mebibytes that reads take which are over, those that
 * were answered and those that failed, once many keys were written.
 */
import { cacheReads } from "../../stores/engine/read_cache.ts";
import { type KvBackend, type KvMutation, systemClock } from "../../stores/engine/kv.ts";
import { heapInUse } from "./heap_in_use.ts";

let commits = 0;
const keepsNothing: KvBackend = {
  remote: false,
  getMany: (keys) =>
    keys[0]?.[0] === "failing"
      ? Promise.reject(new Error("database is locked"))
      : Promise.resolve(keys.map((key) => ({ key, value: null, versionstamp: null }))),
  list: () => Promise.resolve({ entries: [], cursor: null }),
  commit: () => Promise.resolve(`${commits++}`.padStart(20, "0")),
  close() {},
};
const cache = cacheReads(keepsNothing, { clock: systemClock, bytes: 2 ** 16 });
const mutations: KvMutation[] = Array.from(
  { length: 1000 },
  (_, n) => ({ type: "delete", key: ["written", n] }),
);

const before = heapInUse();
for (let n = 0; n < 1000; n++) {
  await cache.getMany([["read", n]]);
  await cache.getMany([["failing", n]]).catch(() => {});
}
await cache.commit({ checks: [], mutations });
console.log(((heapInUse() - before) / 2 ** 20).toFixed(2));
if (cache.recall?.([""])) throw new Error("the cache must outlive the measurement");
