import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as interactions from "../../stores/interactions.ts";
import type { InteractionRequest } from "../../stores/interaction_request.ts";
import type { Interaction } from "../../stores/interactions.ts";

const now = 1_780_000_000;

const request: fc.Arbitrary<InteractionRequest> = fc.oneof(
  fc.record({
    kind: fc.constant("authorization" as const),
    clientId: fc.string(),
    parameters: fc.dictionary(
      fc.constantFrom("scope", "state", "login_hint", "max_age", "resource"),
      fc.oneof(fc.string(), fc.array(fc.string())),
    ),
    hintedSubject: fc.option(fc.string()),
    requestUriDigest: fc.option(fc.string()),
    clientEpoch: fc.option(fc.nat()),
    clientCreatedAt: fc.option(fc.nat()),
    signed: fc.boolean(),
    requestObject: fc.option(fc.record({
      jtiDigest: fc.string(),
      usableUntil: fc.nat(),
      usableFrom: fc.nat(),
    })),
  }),
  fc.record({
    kind: fc.constant("own_page" as const),
    returnTo: fc.string(),
    maxAge: fc.option(fc.nat()),
    acr: fc.option(fc.string()),
  }),
);

const sessionId = fc.string();
const user: fc.Arbitrary<Interaction["user"]> = fc.oneof(
  fc.constant({ kind: "nobody" as const }),
  fc.record({
    kind: fc.constantFrom("chosen" as const, "authenticated" as const, "another" as const),
    sessionId,
  }),
);

Deno.test("a request that waits in an interaction survives being stored in the version of the previous release", () => {
  fc.assert(fc.property(request, user, (request, user) => {
    const waiting = { request, browserDigest: null, providerEpoch: 0, expiresAt: now + 60 };
    const value = { ...interactions.pending(waiting, now), user };
    const stored = structuredClone(interactions.all.encode(interactions.all.ref(), value, true));
    const ref = interactions.ref("id");
    const raw = { key: ref.key, value: stored, versionstamp: "1" };
    assertEquals((stored as { version: number }).version, 2);
    assertEquals(interactions.all.decode(ref, raw, now).value, value);
  }));
});

Deno.test("a request that the previous release has stored is read, without what it does not say of its client", () => {
  const waiting = {
    request: {
      kind: "authorization" as const,
      clientId: "shop",
      parameters: {},
      hintedSubject: null,
      requestUriDigest: "digest",
      clientEpoch: 3,
      clientCreatedAt: 4,
      signed: false,
      requestObject: null,
    },
    browserDigest: null,
    providerEpoch: 0,
    expiresAt: now + 60,
  };
  const value = interactions.pending(waiting, now);
  const ref = interactions.ref("id");
  const { version, record } = structuredClone(
    interactions.all.encode(interactions.all.ref(), value, true),
  ) as {
    version: number;
    record: Record<string, unknown>;
  };
  assertEquals([record.clientEpoch, record.clientCreatedAt], [3, 4]);
  const unknown = ["clientEpoch", "clientCreatedAt", "signed", "requestObject"];
  for (const added of unknown) delete record[added];
  const raw = { key: ref.key, value: { version, record }, versionstamp: "1" };
  const request = { ...waiting.request, clientEpoch: null, clientCreatedAt: null };
  assertEquals(interactions.all.decode(ref, raw, now).value, { ...value, request });
});
