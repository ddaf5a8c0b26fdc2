import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AuthorizationDetail } from "../../stores/authorization_detail_types.ts";
import { canonicalJson } from "../../src/crypto/canonical_json.ts";
import { narrowed } from "../../src/grantable/details/granted.ts";
import { parseDetails } from "../../src/grantable/details/parse.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { detailsProvider, look, payment } from "../support/authorization_details.ts";
import { runs } from "../support/harmless.ts";
import { aProvider } from "../support/provider.ts";
import { snapshotWithoutAudit } from "../support/records.ts";

const refused = "invalid_authorization_details";
const names = [
  "type",
  "locations",
  "actions",
  "instructedAmount",
  "creditorName",
  "__proto__",
  "x",
];
const anything = fc.jsonValue({ maxDepth: 3 });
/** A right detail with something else in it. */
const spoilt = fc.tuple(fc.constantFrom(payment, look), fc.constantFrom(...names), anything)
  .map(([good, name, value]) => ({ ...good, [name]: value }));
const text = fc.oneof(
  fc.string(),
  fc.json(),
  fc.array(fc.oneof(anything, spoilt), { maxLength: 3 }).map((list) => JSON.stringify(list)),
  spoilt.map((one) => JSON.stringify([one]).replace("[", "[ ").slice(0, -1)),
);

/** What it returns, or the error that it is refused by. */
function orRefused<T>(read: () => T): T | typeof refused {
  try {
    return read();
  } catch (error) {
    assert(error instanceof OAuthError && error.code === refused, String(error));
    assert(/^[\x20-\x7e]+$/.test(error.description), error.description);
    return refused;
  }
}

Deno.test("any text is read as authorization details, or refused in the words of the protocol", () => {
  fc.assert(fc.property(text, (sent) => {
    const found = orRefused(() => parseDetails(sent));
    if (found === refused) return;
    const list = JSON.parse(sent);
    assertEquals(found.map(({ type }) => type), list.map(({ type }: { type: string }) => type));
  }));
});

Deno.test("a request with any authorization details gets a protocol answer, and a refused one stores nothing", async () => {
  await using provider = await aProvider(detailsProvider);
  const query = new URLSearchParams(provider.authorizeUrl({ client: "shop" }).split("?")[1]);
  const request = { ...Object.fromEntries(query), ...provider.credentials("shop") };
  const before = await snapshotWithoutAudit(provider.backend);
  await fc.assert(
    fc.asyncProperty(text, async (authorization_details) => {
      const answer = await provider.post("/par", { ...request, authorization_details });
      const { error } = await answer.json();
      // An empty parameter is none (RFC 6749 section 3.1).
      const isRefused = answer.status === 400 && /^invalid_(request|authorization_de)/.test(error);
      assert(answer.status === 201 || isRefused, `${answer.status} ${error}`);
    }),
    { numRuns: runs },
  );
  for (const key of (await snapshotWithoutAudit(provider.backend)).keys()) {
    assert(before.has(key) || key.includes("pushed_requests"), key);
  }
});

const words = (most: number) => fc.subarray(["a", "b", "c"], { minLength: 1, maxLength: most });
const urls = ["https://a.example", "https://b.example", "https://c.example"];
const held: fc.Arbitrary<AuthorizationDetail> = fc.record({
  type: fc.constantFrom("t", "u"),
  locations: fc.subarray(urls, { minLength: 1 }),
  actions: words(3),
  own: words(3),
  amount: fc.nat(3),
}, { requiredKeys: ["type", "locations"] });

/** What a client may ask for that holds this: all of it, a part of it, or more than it. */
const near = (one: AuthorizationDetail) =>
  fc.oneof(
    fc.constant(one),
    fc.tuple(fc.option(fc.subarray(urls, { minLength: 1 }), { nil: undefined }), words(3))
      .map(([locations, actions]) => ({ ...one, locations, actions: one.actions && actions })),
  );
const narrowings = fc.uniqueArray(held, { minLength: 1, maxLength: 3, selector: canonicalJson })
  .chain((granted) =>
    fc.record({
      granted: fc.constant(granted),
      wanted: fc.array(
        fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...granted).chain(near) }, held),
        { minLength: 1, maxLength: 2 },
      ),
    })
  );

Deno.test("a narrowed detail is a granted one, or less in a list whose parts are less", () => {
  const outcomes = new Set<boolean>();
  fc.assert(fc.property(narrowings, ({ granted, wanted }) => {
    // What is asked for as it was granted is given as it was granted.
    const all = narrowed(granted, JSON.stringify(granted));
    assertEquals(new Set(all.map(canonicalJson)), new Set(granted.map(canonicalJson)));
    const found = orRefused(() => narrowed(granted, JSON.stringify(wanted)));
    outcomes.add(found === refused);
    if (found === refused) return;
    const isPart = (some: unknown, all: unknown) =>
      Array.isArray(some) && Array.isArray(all) && some.length > 0 &&
      some.every((one) => all.includes(one));
    for (const { locations, actions, ...rest } of found) {
      const whole = granted.some(({ locations: places, actions: all, ...others }) =>
        isPart(locations, places) && canonicalJson(rest) === canonicalJson(others) &&
        (actions === undefined ? all === undefined : isPart(actions, all))
      );
      assert(whole, JSON.stringify({ granted, wanted, found }));
    }
  }));
  assertEquals(outcomes.size, 2, "some were refused, and some were not");
});
