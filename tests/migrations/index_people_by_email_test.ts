import { auditEventIn } from "../support/audit_records.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MigrationFailed } from "../../migrations/failed.ts";
import type { RawEntry } from "../../stores/engine/raw_entry.ts";
import * as users from "../../stores/users.ts";
import { aStoreOfTheReleaseBefore, type Processes, whileTimePasses } from "./processes.ts";

const name = "0002_index_people_by_email";

/** A person as the release before wrote one. */
function person(n: number, claims: Record<string, unknown>) {
  const userId = `person-${String(n).padStart(4, "0")}`;
  const record = {
    username: `user${n}`,
    passwordHash: null,
    claims,
    status: "active",
    administrator: false,
    auditKey: "A".repeat(43),
    sessionEpoch: 1,
    epoch: 1,
    createdAt: 1_770_000_000,
    updatedAt: 1_770_000_000,
  };
  return { type: "set" as const, key: ["users", userId], value: { version: 1, record } };
}

function verified(n: number) {
  return person(n, { name: `User ${n}`, email: `User${n}@Example.com`, email_verified: true });
}

/** The index, as address and person; and the verified addresses of the people. */
async function indexOf(store: Processes) {
  const entries = await store.entries();
  const family = (name: string) => entries.filter(({ key }) => key[0] === name);
  const recordOf = ({ value }: RawEntry) =>
    (value as { record: { userId?: string; claims?: Record<string, unknown> } }).record;
  return {
    index: family("users_by_email").map((e) => [String(e.key[1]), recordOf(e).userId ?? ""]).sort(),
    verified: family("users").map((e) => [
      users.verifiedEmail(recordOf(e).claims ?? {})?.toLowerCase() ?? "",
      String(e.key[1]),
    ]).filter(([address]) => address !== "").sort(),
  };
}

Deno.test("existing users are found by their verified address, and progress is logged", async () => {
  const people = [
    ...Array.from({ length: 20 }, (_, n) => verified(n)),
    person(20, { email: "unproven@example.com", email_verified: false }),
    person(21, {}),
    person(22, { email: "not an address", email_verified: true }),
  ];
  const { store, boot } = await aStoreOfTheReleaseBefore(name, people);
  await using _ = store;
  const before = (await store.entries()).filter(({ key }) => key[0] === "users");

  assertEquals(await boot(), [name]);

  const { index, verified: addresses } = await indexOf(store);
  assertEquals(index, addresses);
  assertEquals(index.length, 20);
  assertEquals((await store.entries()).filter(({ key }) => key[0] === "users"), before);
  assertEquals(index.find(([address]) => address === "user7@example.com")?.[1], "person-0007");
  assertStringIncludes(store.logged.join("\n"), "23 records in this run, no more to come");
  assertEquals(await boot(), []);
});

Deno.test("each commit is small, and an interrupted run continues where it stopped", async () => {
  const state = { commits: 0, dieAt: Infinity, largest: 0 };
  const { store, boot } = await aStoreOfTheReleaseBefore(
    name,
    Array.from({ length: 20 }, (_, n) => verified(n)),
    (memory) => ({
      ...memory,
      async commit(batch) {
        if (++state.commits >= state.dieAt) throw new Error("killed");
        state.largest = Math.max(state.largest, batch.checks.length);
        return await memory.commit(batch);
      },
    }),
  );
  await using _ = store;
  state.dieAt = state.commits + 6; // after the lease, the start and some commits
  await assertRejects(boot, MigrationFailed, "the store refused a commit");
  const half = (await indexOf(store)).index.length;
  assert(half > 0 && half < 20, `${half}`);

  state.dieAt = Infinity;
  assertEquals(await whileTimePasses(store.clock, boot()), [name]);

  const { index, verified: addresses } = await indexOf(store);
  assertEquals(index, addresses);
  assertEquals(index.length, 20);
  assert(state.largest <= 9, `${state.largest} checks`);
  assertStringIncludes(store.logged.join("\n"), "goes on where it was interrupted");
});

Deno.test("the first of several users with one address keeps it, and it becomes unverified for the others", async () => {
  const shared = { name: "Shared", email: "us@example.com", email_verified: true };
  // Two that meet in one commit, and one in a later one.
  const people = [person(0, shared), person(1, shared), verified(2), verified(3), verified(4)];
  const { store, boot } = await aStoreOfTheReleaseBefore(name, [...people, person(9, shared)]);
  await using _ = store;

  await boot();

  const { index, verified: addresses } = await indexOf(store);
  assertEquals(index, addresses);
  assertEquals(index.find(([address]) => address === "us@example.com")?.[1], "person-0000");
  const entries = await store.entries();
  const claimsOf = (n: number) =>
    entries.find(({ key }) => key[0] === "users" && key[1] === `person-000${n}`)?.value as {
      record: { claims: unknown; username: string; auditKey: string };
    };
  for (const n of [1, 9]) {
    assertEquals(claimsOf(n).record.claims, { ...shared, email_verified: false });
    assertEquals(claimsOf(n).record.username, `user${n}`);
    assertEquals(claimsOf(n).record.auditKey.length, 43);
    assertStringIncludes(store.logged.join("\n"), `the address of person person-000${n}`);
  }
  const told = entries.filter(({ key, value }) =>
    auditEventIn(key, value) !== null && JSON.stringify(value).includes("address_of_another")
  );
  assertEquals(told.length, 2);
});
