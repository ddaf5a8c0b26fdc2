import { assert, assertEquals } from "@std/assert";
import { raiseEpoch } from "../../src/boot/raise_epoch.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as sessionEnds from "../../stores/session_ends.ts";
import * as sessions from "../../stores/sessions.ts";
import { aProvider } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

Deno.test("a process that ends leaves a sweep of many sessions, and the telling, to the next one", async () => {
  let ending = new AbortController();
  let endsAt = Infinity; // the commit with which it is told to end
  await using provider = await aProvider({
    wrap: (backend) => ({
      ...backend,
      async commit(batch) {
        const versionstamp = await backend.commit(batch);
        if (--endsAt === 0) ending.abort();
        return versionstamp;
      },
    }),
  });
  const { deps } = provider;
  await signIn(provider);
  const left = async () => {
    const counts = [sessions.all, sessionEnds.sweeps, sessionEnds.ended].map(async (collection) =>
      (await deps.kv.list({ collection, limit: 500, asOf: 0 })).entries.length
    );
    return await Promise.all(counts);
  };
  const [first] = (await deps.kv.list({ collection: sessions.all, limit: 1 })).entries;
  assert(first && isPresent(first));
  await deps.kv.step(systemOrigin, (tx) => {
    for (let n = 100; n < 349; n++) sessions.add(tx, `session${n}`, first.value);
  });
  await raiseEpoch(deps);
  assertEquals(await left(), [250, 1, 0]);

  // The second commit of a sweep; then the third commit, which ends a telling of two commits a session.
  const stops = [{ at: 2, after: [50, 1, 200] }, { at: 3, after: [0, 0, 249] }];
  for (const { at, after } of stops) {
    ending = new AbortController();
    endsAt = at;
    await tellOfLogouts(deps, ending.signal);
    assertEquals(await left(), after);
  }
  ending = new AbortController();
  await tellOfLogouts(deps, ending.signal);
  assertEquals(await left(), [0, 0, 0]);
});
