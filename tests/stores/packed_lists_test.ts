import { assert, assertEquals, assertThrows } from "@std/assert";
import * as accessTokens from "../../stores/access_tokens.ts";
import * as auditEvents from "../../stores/audit_events.ts";
import * as authorizationCodes from "../../stores/authorization_codes.ts";
import type { Ref } from "../../stores/engine/collection.ts";
import { UnreadableRecord } from "../../stores/engine/record_reader.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { id } from "../../stores/engine/transaction.ts";
import * as grants from "../../stores/grants.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import * as refreshTokenFamilies from "../../stores/refresh_token_families.ts";
import { aProvider, codeChallenge, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { signInOffline } from "../support/tokens.ts";

const end = 2 ** 40;
const time = 1_700_000_000_123;
const details = [{ type: "payment", locations: ["https://bank.example"], amount: 7 }];

const grant = {
  clientId: "the client",
  clientCreatedAt: 3,
  clientEpoch: 4,
  redirectUri: "https://shop.example/callback",
  userId: "the user",
  sessionId: "the session",
  givenInSession: "the other session",
  resourceScopes: [{ resource: "https://api.example", scope: ["read"] }],
  claims: { userinfo: ["name"], idToken: ["email"] },
  details,
  refreshable: true,
  sid: "the sid",
  authTime: 13,
  amr: ["pwd"],
  acr: "the acr",
  epoch: 16,
  providerEpoch: 17,
  withdrawal: "the withdrawal",
  createdAt: 19,
  assertedBy: "the issuer",
  expiresAt: end,
};
const grantList = [
  ...[2, end, "the client", 3, 4, "https://shop.example/callback", "the user", "the session"],
  "the other session",
  [{ resource: "https://api.example", scope: ["read"] }],
  { userinfo: ["name"], idToken: ["email"] },
  ...[true, "the sid", 13, ["pwd"], "the acr", 16, 17, "the withdrawal", 19, details],
  "the issuer",
];

async function push(provider: TestProvider) {
  const answer = await provider.post("/par", {
    ...provider.credentials(),
    response_type: "code",
    redirect_uri: "https://shop.example/callback",
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  });
  assertEquals(answer.status, 201);
  await answer.body?.cancel();
}

/** The lists as this release writes them. A change of a place would read the files of others wrongly. */
const lists: [at: Ref<unknown>, list: readonly unknown[], record: unknown][] = [
  [grants.ref("g"), grantList, grant],
  [
    grants.byUser.ref("the user", "g"),
    [1, end, "the client"],
    { expiresAt: end, clientId: "the client" },
  ],
  [
    accessTokens.ref("a"),
    [
      ...[2, end, "the grant", "the client", "the subject", ["read"], ["https://api.example"]],
      ...[["email"], { jkt: "the key" }, "the kid", grantList],
      { clientCreatedAt: 1, clientEpoch: 2, actors: ["an actor"], ancestors: ["a token"] },
      ...["the jti", 13, details],
    ],
    {
      grantId: "the grant",
      clientId: "the client",
      subject: "the subject",
      scope: ["read"],
      resources: ["https://api.example"],
      claims: ["email"],
      details,
      confirmation: { jkt: "the key" },
      kid: "the kid",
      ownGrant: grant,
      exchange: {
        clientCreatedAt: 1,
        clientEpoch: 2,
        actors: ["an actor"],
        ancestors: ["a token"],
      },
      jti: "the jti",
      issuedAt: 13,
      expiresAt: end,
    },
  ],
  [
    authorizationCodes.ref("c"),
    [
      ...[2, end, "the grant", "the client", "https://shop.example/callback", "the challenge"],
      ...["the nonce", { "x5t#S256": "the certificate" }, "the token", true],
    ],
    {
      grantId: "the grant",
      clientId: "the client",
      redirectUri: "https://shop.example/callback",
      codeChallenge: "the challenge",
      nonce: "the nonce",
      confirmation: { "x5t#S256": "the certificate" },
      spentBy: "the token",
      undelivered: true,
      expiresAt: end,
    },
  ],
  [
    pushedRequests.refOf("p"),
    [
      ...[1, end, "the client", { scope: "openid", resource: ["one", "two"] }],
      ...[4, 5, true, "the grant", 8],
    ],
    {
      clientId: "the client",
      parameters: { scope: "openid", resource: ["one", "two"] },
      providerEpoch: 4,
      clientEpoch: 5,
      clientCreatedAt: 8,
      signed: true,
      spentBy: "the grant",
      expiresAt: end,
    },
  ],
  [
    refreshTokenFamilies.ref("g"),
    [
      ...[2, end, "the client", { jkt: "the key" }, 4, true, 6],
      { requestDigest: "d", confirmation: null, sealedResponse: "s", expiresAt: end },
      ...[8, 9, 10],
    ],
    {
      clientId: "the client",
      confirmation: { jkt: "the key" },
      generation: 4,
      undelivered: true,
      presented: 6,
      grace: { requestDigest: "d", confirmation: null, sealedResponse: "s", expiresAt: end },
      createdAt: 8,
      lastUsedAt: 9,
      expiresAt: end,
      endsAt: 10,
    },
  ],
  [
    auditEvents.placedRef({ time, id: "e" }),
    [
      ...[2, null, "the type", "the user", "the grant", "the client", "the sealed address"],
      ...["the request", "the session", "the address", "failure", "the reason", "the actor"],
      "the object",
    ],
    {
      events: [{
        type: "the type",
        time,
        actor: "the actor",
        outcome: "failure",
        reason: "the reason",
        clientId: "the client",
        userId: "the user",
        grantId: "the grant",
        sessionId: "the session",
        about: "the object",
        address: "the address",
        sealedAddress: "the sealed address",
        requestId: "the request",
      }],
    },
  ],
  [auditEvents.byUser.ref("the user", time, "e"), [1, undefined], {}],
];

Deno.test("a token keeps its grant by names if that has a member without a place", () => {
  for (const [at, , record] of lists) {
    if (at.collection.family !== "access_tokens") continue;
    const more = { ...record as object, ownGrant: { ...grant, more: 1 } };
    const list = at.collection.encode(at, more, true);
    assertEquals(Array.isArray(list) && list[10], more.ownGrant);
  }
});

const ownGrant: grants.Grant = {
  clientId: "the client",
  clientCreatedAt: 3,
  clientEpoch: 4,
  redirectUri: null,
  userId: null,
  sessionId: null,
  resourceScopes: [{ resource: "https://api.example", scope: ["read"] }],
  claims: { userinfo: [], idToken: [] },
  refreshable: false,
  sid: null,
  authTime: null,
  amr: [],
  acr: null,
  epoch: null,
  providerEpoch: 17,
  withdrawal: null,
  createdAt: 13,
  expiresAt: end,
};

Deno.test("a token's list holds four values of a client's own grant, and all of any other", () => {
  const at = accessTokens.ref("a");
  const token = lists.map(([, , record]) => record as object).find((one) => "ownGrant" in one);
  const held = (one: grants.Grant) => {
    const list = at.collection.encode(at, { ...token, ownGrant: one } as never, true);
    const { value } = at.collection.decode(at, { key: at.key, value: list, versionstamp: "1" }, 0);
    assertEquals(value?.ownGrant, one);
    return Array.isArray(list) ? list[10] : null;
  };
  const four = ["own", 3, 4, 17, ownGrant.resourceScopes];
  assertEquals(held(ownGrant), four);
  assertEquals(held({ ...ownGrant, clientEpoch: 5, resourceScopes: [] }), ["own", 3, 5, 17, []]);

  const others: Partial<grants.Grant>[] = [
    ...[{ clientId: "another" }, { redirectUri: "https://shop.example" }, { userId: "u" }],
    ...[{ sessionId: "s" }, { givenInSession: "s" }, { claims: { userinfo: ["a"], idToken: [] } }],
    ...[{ claims: { userinfo: [], idToken: ["a"] } }, { refreshable: true }, { sid: "s" }],
    ...[{ authTime: 0 }, { amr: ["pwd"] }, { acr: "a" }, { epoch: 0 }, { withdrawal: "w" }],
    ...[{ createdAt: 14 }, { expiresAt: end + 1 }, { details }, { assertedBy: "the issuer" }],
  ];
  const kept = ["clientCreatedAt", "clientEpoch", "providerEpoch", "resourceScopes"];
  const tried = new Set([...others.flatMap(Object.keys), ...kept]);
  assertEquals([...tried].toSorted(), Object.keys(grant).toSorted(), "each member is tried");
  for (const other of others) {
    const list = held({ ...ownGrant, ...other });
    assertEquals(Array.isArray(list) && list[0], 2, JSON.stringify(other));
  }
});

Deno.test("a client's own grant is read from the list of all its members, as earlier builds wrote it", () => {
  const at = accessTokens.ref("a");
  const whole = [
    ...[2, end, "the client", 3, 4, null, null, null, undefined, ownGrant.resourceScopes],
    ...[ownGrant.claims, false, null, null, [], null, null, 17, null, 13],
  ];
  const [, list = []] = lists.find(([{ collection }]) => collection === at.collection) ?? [];
  const value = list.with(10, whole);
  const entry = at.collection.decode(at, { key: at.key, value, versionstamp: "1" }, 0);
  assertEquals(entry.value?.ownGrant, ownGrant);
});

Deno.test("a local file's lists keep the places that this release gave their values", async () => {
  for (const [at, list, record] of lists) {
    const { collection, key } = at;
    const { value } = collection.decode(at, { key, value: list, versionstamp: "1" }, 0);
    assertEquals(value, record, collection.family);
    assertEquals(collection.encode(at, record, true), list, collection.family);
  }
  await using provider = await aProvider({
    wrap: (backend) => ({ ...backend, remote: false }),
  });
  await signInOffline(provider);
  await push(provider);
  const families = new Set<string>();
  for (const [key, value] of await snapshot(provider.backend)) {
    if (Array.isArray(value)) families.add(JSON.parse(key)[0]);
  }
  const known = lists.map(([{ collection }]) => collection.family);
  assertEquals([...families].toSorted(), known.toSorted(), "each family has its list here");
});

Deno.test("a pushed request is read from a list that does not say when its client was created", () => {
  const at = pushedRequests.refOf("p");
  const value = [1, end, "the client", {}, 4, 5, true, null];
  const read = at.collection.decode(at, { key: at.key, value, versionstamp: "1" }, 0);
  assertEquals([read.value?.clientEpoch, read.value?.clientCreatedAt], [5, null]);
});

Deno.test("memory holds the same record of a list that a reader decodes from the store", async () => {
  const stores: KvBackend[] = [];
  await using provider = await aProvider({
    remembers: true,
    wrap: (backend) => {
      stores.push(backend);
      return { ...backend, remote: false };
    },
  });
  await signInOffline(provider);
  await provider.authorize(); // its code is not spent
  await push(provider);
  const [store] = stores;
  assert(store);
  const compared = new Set<string>();
  for (const [name, value] of await snapshot(store)) {
    const key: Deno.KvKey = JSON.parse(name);
    const at = lists.find(([{ collection }]) => collection.family === key[0])?.[0];
    const [raw] = provider.backend.recall?.([id(key)]) ?? [];
    if (at === undefined || raw?.record === undefined) continue;
    const stored = at.collection.decode(at, { key, value, versionstamp: raw.versionstamp }, 0);
    assertEquals(at.collection.decode(at, raw, 0), stored, name);
    compared.add(at.collection.family);
  }
  const families = [
    ...["access_tokens", "authorization_codes", "grants", "pushed_requests"],
    "refresh_token_families",
  ];
  assertEquals([...compared].toSorted(), families);
});

Deno.test("a record that was written to a list cannot be changed after that", () => {
  const record = structuredClone(grant);
  grants.ref("g").collection.encode(grants.ref("g"), record, true);
  assertThrows(() => record.amr.push("otp"), TypeError);
  assertThrows(() => Object.assign(record, { userId: "another" }), TypeError);
});

Deno.test("an entry that is no list of events, or of a newer release, is unreadable and not half read", () => {
  const at = auditEvents.placedRef({ time, id: "e" });
  const list = [2, null, "token_issued", null, null, "shop"];
  for (const value of [[3, null, list], [3, null, [list, "more"]], [3, null], [4, null, [list]]]) {
    const read = () => at.collection.decode(at, { key: at.key, value, versionstamp: "1" }, 0);
    assertThrows(read, UnreadableRecord);
  }
});
