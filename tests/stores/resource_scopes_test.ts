import { assertEquals } from "@std/assert";
import { z } from "zod";
import * as consents from "../../stores/consents.ts";
import { collection } from "../../stores/engine/collection.ts";
import { systemOrigin, type Transaction } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import { aProvider } from "../support/provider.ts";

/** As the release before described them. */
const grantsBefore = collection({
  family: "grants",
  version: 1,
  schema: z.object({
    clientId: z.string(),
    scope: z.array(z.string()),
    claims: z.string().nullable(),
    resources: z.array(z.string()),
    expiresAt: z.int(),
  }),
});
const consentsBefore = collection({
  family: "consents",
  version: 1,
  schema: z.object({
    scope: z.array(z.string()),
    claims: z.array(z.string()),
    resources: z.array(z.string()),
    createdAt: z.int(),
    updatedAt: z.int(),
  }),
});

const [a, b] = ["https://a.example", "https://b.example"];
const grant = (now: number) => ({
  clientId: "shop",
  userId: null,
  sessionId: null,
  scope: ["openid", "read", "offline_access"],
  claims: '{"userinfo":{"email":{"essential":true},"name":null},"id_token":null}',
  resources: [a, b],
  refreshable: true,
  sid: null,
  authTime: now,
  amr: ["pwd"],
  acr: null,
  epoch: 1,
  providerEpoch: 1,
  createdAt: now,
  expiresAt: now + 60,
});

/** What one release writes, and another one reads. */
async function across<T>(
  write: (tx: Transaction) => void,
  read: (tx: Transaction) => Promise<T>,
): Promise<T> {
  // Processes of both releases share the store.
  await using provider = await aProvider({ wrap: (backend) => ({ ...backend, remote: true }) });
  await provider.deps.kv.step(systemOrigin, write);
  return await provider.deps.kv.step(systemOrigin, read);
}

Deno.test("a grant of the previous release has each scope at each resource, and its claims by name", async () => {
  const { value } = await across(
    (tx) => tx.create(grantsBefore.ref("g"), grant(tx.now)),
    async (tx) => (await tx.read({ found: grants.ref("g") })).found,
  );
  assertEquals(value?.resourceScopes, [
    { resource: null, scope: ["openid", "offline_access"] },
    { resource: a, scope: ["read"] },
    { resource: b, scope: ["read"] },
  ]);
  assertEquals(value?.claims, { userinfo: ["email", "name"], idToken: [] });
  assertEquals([value?.clientEpoch, value?.redirectUri], [0, null]);
});

Deno.test("the previous release reads a grant with pairs, and this release gets its pairs back", async () => {
  const resourceScopes = [
    { resource: null, scope: ["openid"] },
    { resource: a, scope: ["read"] },
    { resource: b, scope: ["write"] },
  ];
  const claims = { userinfo: ["email"], idToken: ["name"] };
  const { older, newer } = await across(
    (tx) => {
      const { scope: _, resources: __, ...rest } = grant(tx.now);
      grants.add(tx, "g", {
        ...rest,
        clientCreatedAt: null,
        clientEpoch: 3,
        redirectUri: "https://shop.example/callback",
        resourceScopes,
        claims,
        withdrawal: null,
      });
    },
    async (tx) => {
      const { newer } = await tx.read({ newer: grants.ref("g") });
      const { older } = await inTheReleaseBefore(tx);
      return { older, newer };
    },
  );
  assertEquals(newer.value?.resourceScopes, resourceScopes);
  assertEquals([newer.value?.claims, newer.value?.clientEpoch], [claims, 3]);
  assertEquals([older.value?.scope, older.value?.resources], [["openid", "read", "write"], [a, b]]);
  assertEquals(
    JSON.parse(older.value?.claims ?? ""),
    { userinfo: { email: null }, id_token: { name: null } },
  );
});

async function inTheReleaseBefore(tx: Transaction) {
  return await tx.read({ older: grantsBefore.ref("g") });
}

Deno.test("a consent of the previous release counts for its one resource, but not for one of several", async () => {
  const table: [string[], string[], { resource: string | null; scope: string[] }[]][] = [
    [["openid", "email"], [], [{ resource: null, scope: ["openid", "email"] }]],
    [["openid", "read"], [a], [{ resource: null, scope: ["openid"] }, {
      resource: a,
      scope: ["read"],
    }]],
    [["read"], [a], [{ resource: a, scope: ["read"] }]],
    [["openid", "read"], [a, b], [{ resource: null, scope: ["openid"] }]],
  ];
  for (const [scope, resources, expected] of table) {
    const at = consentsBefore.ref("u", "shop");
    const { value } = await across(
      (tx) => tx.create(at, { scope, claims: [], resources, createdAt: tx.now, updatedAt: tx.now }),
      async (tx) => (await tx.read({ found: consents.ref("u", "shop") })).found,
    );
    assertEquals(value?.resourceScopes, expected);
  }
});
