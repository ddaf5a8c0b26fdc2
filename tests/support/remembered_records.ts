/**
 * A program for a process with `--expose-gc`: prints what remembered records take for each byte that the cache
 * estimates.
 */
import { cacheReads } from "../../stores/engine/read_cache.ts";
import { type KvBackend, systemClock } from "../../stores/engine/kv.ts";
import { sizeOfRecord } from "../../stores/engine/sizes.ts";
import { id } from "../../stores/engine/transaction.ts";
import { heapInUse } from "./heap_in_use.ts";

let commits = 0;
const keepsNothing: KvBackend = {
  remote: false,
  getMany: (keys) => Promise.resolve(keys.map((key) => ({ key, value: null, versionstamp: null }))),
  list: () => Promise.resolve({ entries: [], cursor: null }),
  commit: () => Promise.resolve(`${commits++}`.padStart(20, "0")),
  close() {},
};
const cache = cacheReads(keepsNothing, { clock: systemClock, bytes: 2 ** 28 });

const before = heapInUse();
let estimated = 0;
for (let n = 0; n < 10_000; n++) {
  const key = ["tokens", crypto.randomUUID()];
  const [grantId, subject, scope] = [crypto.randomUUID(), crypto.randomUUID(), ["openid"]];
  const record = { grantId, subject, scope, resources: [], claims: null, expiresAt: 2 ** 31 };
  const value = [1, record.expiresAt, grantId, subject, scope, record.resources, null];
  const name = id(key);
  await cache.commit({ checks: [], mutations: [{ type: "set", key, name, value, record }] });
  estimated += sizeOfRecord(name, value);
}
console.log(((heapInUse() - before) / estimated).toFixed(2));
if (cache.recall?.([id(["tokens"])])) throw new Error("the cache must outlive the measurement");
