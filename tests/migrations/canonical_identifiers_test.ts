import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MigrationFailed } from "../../migrations/failed.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import { aStoreOfTheReleaseBefore, type Processes, whileTimePasses } from "./processes.ts";

const name = "0005_canonical_identifiers";

/** A person and what found them, as the release before wrote it. */
function person(userId: string, username: string, claims: Record<string, unknown>) {
  const spelling = (text: unknown) => String(text).normalize("NFKC").toLowerCase().trim();
  const record = {
    username,
    passwordHash: null,
    claims,
    status: "active",
    administrator: false,
    passkeys: [],
    totp: null,
    recoveryCodes: null,
    auditKey: "A".repeat(43),
    sessionEpoch: 1,
    epoch: 1,
    createdAt: 1_770_000_000,
    updatedAt: 1_770_000_000,
  };
  const index = { version: 1, record: { userId } };
  const set = (key: Deno.KvKey, value: unknown) => ({ type: "set" as const, key, value });
  return [
    set(["users", userId], { version: 2, record }),
    set(["users_by_username", spelling(username)], index),
    ...(claims.email_verified ? [set(["users_by_email", spelling(claims.email)], index)] : []),
  ];
}

async function whoIs(store: Processes, typed: string): Promise<string | null> {
  return await store.kv.step(systemOrigin, async (tx) => {
    return ownerOfIdentifier(await tx.read(identifierRefs(typed)), typed);
  });
}

async function claimsOf(store: Processes, userId: string) {
  const { user } = await store.kv.step(systemOrigin, (tx) => tx.read({ user: users.ref(userId) }));
  return user.value?.claims;
}

function aStoreWith(
  people: readonly ReturnType<typeof person>[],
  connect?: (store: KvBackend) => KvBackend,
) {
  return aStoreOfTheReleaseBefore(name, people.flat(), connect);
}

const proved = (email: string) => ({ name: "N", email, email_verified: true });

Deno.test("existing users are found by every spelling of their name and address", async () => {
  const { store, boot } = await aStoreWith([
    person("ann", "Ann", proved("Ann@Bücher.Example")),
    person("bob", "bob\u200b", { email: "Bob@Example.com.", email_verified: false }),
    person("cyd", "cyd", { email: "not an address", email_verified: true }),
  ]);
  await using _ = store;

  assertEquals(await boot(), [name]);

  for (
    const typed of [
      "ann",
      "ANN",
      "\uff21nn",
      "ann@bücher.example",
      "a\u00adnn@xn--bcher-kva.example",
    ]
  ) {
    assertEquals(await whoIs(store, typed), "ann", typed);
  }
  assertEquals(await whoIs(store, "bob\u200b"), "bob");
  assertEquals(await whoIs(store, "bob@example.com"), null); // not proved
  assertEquals(await claimsOf(store, "ann"), proved("ann@bücher.example"));
  assertEquals(await claimsOf(store, "bob"), { email: "bob@example.com", email_verified: false });
  assertEquals(await claimsOf(store, "cyd"), { email: "not an address", email_verified: true });
  const families = new Set((await store.entries()).map(({ key }) => key[0]));
  assert(!families.has("users_by_username") && !families.has("users_by_email"));
  assertEquals(await boot(), []);
});

Deno.test("accounts that collide are reported and never merged", async () => {
  const { store, boot } = await aStoreWith([
    person("a", "paypal", proved("a@example.com")),
    person("b", "p\u0430yp\u0430l", proved("a\u00ad@example.com")),
    person("c", "paypa1", {}),
    person("d", "a@example.com", {}),
  ]);
  await using _ = store;

  await boot();

  assertEquals(await whoIs(store, "paypal"), "a");
  assertEquals(await whoIs(store, "p\u0430yp\u0430l"), "b");
  assertEquals(await whoIs(store, "paypa1"), "c");
  assertEquals(await whoIs(store, "a@example.com"), "a"); // who proved it, not who is called that
  assertEquals((await claimsOf(store, "b"))?.email_verified, false);
  const log = store.logged.join("\n");
  for (
    const line of [
      "the address of person b is that of person a",
      "the username of person b looks like that of person a",
      "the username of person c looks like that of person a",
      "the username of person d is a mail address that is not their verified one",
    ]
  ) assertStringIncludes(log, line);
});

Deno.test("an interrupted run continues where it stopped", async () => {
  const state = { commits: 0, dieAt: Infinity };
  const people = Array.from({ length: 12 }, (_, n) => {
    return person(`person-${n}`, `user${n + 10}`, proved(`user${n}@example.com`));
  });
  const { store, boot } = await aStoreWith(people, (memory) => ({
    ...memory,
    async commit(batch) {
      if (++state.commits >= state.dieAt) throw new Error("killed");
      return await memory.commit(batch);
    },
  }));
  await using _ = store;
  state.dieAt = state.commits + 6;
  await assertRejects(boot, MigrationFailed);
  state.dieAt = Infinity;

  assertEquals(await whileTimePasses(store.clock, boot()), [name]);

  for (let n = 0; n < 12; n++) {
    assertEquals(await whoIs(store, `user${n + 10}`), `person-${n}`);
    assertEquals(await whoIs(store, `user${n}@example.com`), `person-${n}`);
  }
});
