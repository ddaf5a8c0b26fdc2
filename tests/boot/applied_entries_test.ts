import { assertEquals, assertRejects } from "@std/assert";
import { appliedEntries } from "../../src/boot/applied_entries.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { paymentType } from "../support/authorization_details.ts";
import { aClient } from "../support/clients.ts";
import { anInstallation, newKey, oldKey } from "./installation.ts";

const file = {
  clients: [aClient("shop"), aClient("till")],
  custom_claims: [{ claim: "desk", scope: "claims:desk" }],
  authorization_detail_types: [paymentType],
  groups: [{ group: "staff" }],
  users: Array.from({ length: 11 }, (_, n) => ({ username: `User${n}` })),
  resources: [{ resource: "https://api.example/orders" }],
};

Deno.test("a file whose entries were all applied is not checked again, and any other is", async () => {
  await using installation = await anInstallation();
  const known = async (written: unknown) => {
    const { deps } = await installation.boot({});
    const text = typeof written === "string" ? written : JSON.stringify(written);
    return (await appliedEntries(deps, text))?.map(({ kind, id }) => `${kind} ${id}`) ?? null;
  };
  assertEquals(await known({}), []);
  assertEquals(await known(file), null);
  await installation.boot(file);
  const ids = [
    ...["client shop", "client till", "custom_claim desk"],
    ...["authorization_detail_type payment_initiation", "group staff"],
    ...file.users.map((_, n) => `user user${n}`),
    "resource https://api.example/orders",
  ];
  assertEquals(await known(file), ids);
  assertEquals(await known(`\ufeff${JSON.stringify(file)}\r\n`), ids);
  assertEquals(await known({ users: file.users.slice(3) }), ids.slice(8, -1));
  const [shop, till] = file.clients;
  const reordered = Object.fromEntries(Object.entries(shop ?? {}).toReversed());
  assertEquals(await known({ clients: [till, reordered] }), ["client till", "client shop"]);
  const others: unknown[] = [
    "",
    "[]",
    "null",
    "no JSON",
    { ...file, more: [] },
    { ...file, users: {} },
    { ...file, users: null },
    { ...file, users: [null] },
    { ...file, groups: [["staff"]] },
    { ...file, groups: [{ group: 1 }] },
    { ...file, groups: [{ group: "g".repeat(257) }] },
    { ...file, groups: [...file.groups, { group: "more" }] },
    { ...file, groups: [...file.groups, ...file.groups] }, // twice is wrong
    { ...file, users: [...file.users, { username: "USER0" }] },
    { ...file, clients: [{ ...shop, client_name: "Another" }, till] },
    { ...file, clients: [{ ...shop, client_id: "till" }] },
    { clients: [{ ...shop, client_name: "\ud800" }] },
  ];
  for (const other of others) assertEquals(await known(other), null, JSON.stringify(other));
});

Deno.test("entries that an earlier master key has signed are read once more, and then are known", async () => {
  await using installation = await anInstallation();
  await installation.boot(file);
  const rotating = { key: newKey, previous: oldKey };
  const first = await installation.boot({}, rotating);
  assertEquals(await appliedEntries(first.deps, JSON.stringify(file)), null);
  const { deps } = await installation.boot(file, rotating);
  assertEquals((await appliedEntries(deps, JSON.stringify(file)))?.length, 17);
});

Deno.test("an applied resource that a new issuer makes the admin API's is refused all the same", async () => {
  await using installation = await anInstallation();
  const resources = [{ resource: "https://new.example/api/v1" }];
  await installation.boot({ resources });
  const config = { issuer: "https://new.example" };
  await assertRejects(() => installation.boot({ resources }, { config }), ConfigError, "itself");
});
