import { assert, assertEquals } from "@std/assert";
import * as assertionJtis from "../../stores/assertion_jtis.ts";
import * as clientAssertionJtis from "../../stores/client_assertion_jtis.ts";
import * as dpopJtis from "../../stores/dpop_jtis.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import * as providers from "../../stores/provider.ts";
import * as requestObjectJtis from "../../stores/request_object_jtis.ts";
import * as sessions from "../../stores/sessions.ts";
import { Unspent } from "../../stores/used_once.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("the trace of what was used once takes no room in memory, and refuses each later use", async () => {
  await using provider = await aProvider({ remembers: true });
  const { kv, clock } = provider.deps;
  const traces = [
    await assertionJtis.ref("https://issuer.example", "a"),
    await clientAssertionJtis.ref("shop", "a"),
    await dpopJtis.ref({ keyThumbprint: "a", clientId: "shop", jti: "a" }),
    requestObjectJtis.ref(await requestObjectJtis.digestOf("shop", "a")),
  ];
  const usable = { from: clock.seconds(), until: clock.seconds() + 60 };
  for (const trace of traces) {
    const use = () =>
      kv.step(systemOrigin, async (tx) => {
        const { used } = await tx.read({ used: trace, provider: providers.ref() });
        const unspent = Unspent.check(tx, used, usable);
        unspent?.spend(tx);
        return unspent !== null;
      });
    const { family } = trace.collection;
    assertEquals(await use(), true, family);
    assertEquals(kv.glance([trace]), null, family);
    assertEquals([await use(), await use()], [false, false], family);
  }
});

Deno.test("an entry of an index, which only lists read, takes no room in memory", async () => {
  await using provider = await aProvider({ remembers: true });
  await provider.authorize();
  const { kv } = provider.deps;
  for (const collection of [sessions.byUser, grants.byUser]) {
    const { entries: [entry] } = await kv.list<unknown>({ collection, limit: 1 });
    assert(entry, collection.family);
    assertEquals(kv.glance([entry.ref]), null, collection.family);
  }
});
