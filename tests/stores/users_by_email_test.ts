import { emailRef } from "../../stores/user_names.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { isPresent } from "../../stores/engine/collection.ts";
import { RecordExists, systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { newUser } from "../../src/authn/new_accounts/new_account.ts";
import { aStore, type TestStore } from "../support/store.ts";

function create(store: TestStore, userId: string, claims: Record<string, unknown>) {
  const user = { username: userId, passwordHash: null, claims };
  return store.kv.step(
    systemOrigin,
    (tx) => users.create(tx, userId, newUser(user, tx.now)),
  );
}

function change(store: TestStore, userId: string, changes: Partial<users.User>) {
  return store.kv.step(systemOrigin, async (tx) => {
    const { user } = await tx.read({ user: users.ref(userId) });
    if (isPresent(user)) users.replace(tx, user, changes);
  });
}

async function ownerOf(store: TestStore, address: string): Promise<string | null> {
  const { entry } = await store.kv.step(
    systemOrigin,
    (tx) => tx.read({ entry: emailRef(address) }),
  );
  return entry.value?.userId ?? null;
}

const verified = (email: string) => ({ email, email_verified: true });

Deno.test("a user is found by a verified address in any equivalent spelling", async () => {
  await using store = aStore();
  await create(store, "mara", verified("Mara@Example.com"));
  await create(store, "tom", { email: "tom@example.com", email_verified: false });
  await create(store, "una", { email: "una@example.com" });

  for (const spelling of ["Mara@Example.com", "mara@example.com", " MARA@EXAMPLE.COM "]) {
    assertEquals(await ownerOf(store, spelling), "mara");
  }
  assertEquals(await ownerOf(store, "tom@example.com"), null);
  assertEquals(await ownerOf(store, "una@example.com"), null);
});

Deno.test("the index follows an address that is changed, verified or removed", async () => {
  await using store = aStore();
  await create(store, "mara", { email: "old@example.com", email_verified: false });
  await change(store, "mara", { claims: verified("old@example.com") });
  assertEquals(await ownerOf(store, "old@example.com"), "mara");
  await change(store, "mara", { claims: verified("new@example.com") });
  assertEquals(await ownerOf(store, "old@example.com"), null);
  assertEquals(await ownerOf(store, "new@example.com"), "mara");
  await change(store, "mara", { status: "suspended" });
  await change(store, "mara", { claims: verified("NEW@example.com") });
  assertEquals(await ownerOf(store, "new@example.com"), "mara");
  await change(store, "mara", { claims: {} });
  assertEquals(await ownerOf(store, "new@example.com"), null);
});

Deno.test("a verified address belongs to one user: a second user is refused, at once or in a race", async () => {
  await using store = aStore();
  await create(store, "mara", verified("us@example.com"));
  await assertRejects(() => create(store, "tom", verified("US@example.com")), RecordExists);
  await create(store, "tom", verified("tom@example.com"));
  await assertRejects(
    () => change(store, "tom", { claims: verified("us@example.com") }),
    RecordExists,
  );
  assertEquals(await ownerOf(store, "us@example.com"), "mara");
  assertEquals(await ownerOf(store, "tom@example.com"), "tom");

  const names = Array.from({ length: 20 }, (_, n) => `racer${n}`);
  const made = await Promise.allSettled(
    names.map((name) => create(store, name, verified("first@example.com"))),
  );
  assertEquals(made.filter(({ status }) => status === "fulfilled").length, 1);
});
