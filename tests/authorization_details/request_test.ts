import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  accounts,
  accountType,
  asking,
  closed,
  closedType,
  detailsProvider,
  detailsShop,
  look,
  payment,
  payments,
} from "../support/authorization_details.ts";
import { ask, outcomeOf, toldTo } from "../support/authorization.ts";
import { alice, aProvider, issuer } from "../support/provider.ts";
import { snapshotWithoutAudit } from "../support/records.ts";
import { answerOf } from "../support/tokens.ts";

const amount = payment.instructedAmount;
/** What an attacker or a broken client may send. Each is refused for one reason. */
const wrong: Readonly<Record<string, unknown>> = {
  "not JSON": "[{",
  "an object and no array": JSON.stringify(payment),
  "a text": '"payment_initiation"',
  "null": "null",
  "an empty array": "[]",
  "an array of texts": '["payment_initiation"]',
  "an array in an array": JSON.stringify([[payment]]),
  "an object without a type": [{ ...payment, type: undefined }],
  "a type that is no text": [{ ...payment, type: [payment.type] }],
  "an unknown type": [{ ...payment, type: "payment" }],
  "a type of an object's own": [{ type: "constructor" }],
  "one unknown among known ones": [payment, { type: "x" }],
  "an unknown field": [{ ...payment, iban: "DE02" }],
  "a field of an object's own": '[{"type":"closed","__proto__":{"type":"x"}}]',
  "an unknown field inside": [{ ...payment, instructedAmount: { ...amount, cents: 1 } }],
  "a missing field": [{ ...payment, creditorName: undefined }],
  "a missing field inside": [{ ...payment, instructedAmount: { currency: "EUR" } }],
  "an array for an object": [{ ...payment, instructedAmount: [amount] }],
  "null for an object": [{ ...payment, instructedAmount: null }],
  "a number for a text": [{ ...payment, creditorName: 7 }],
  "an object for a text": [{ ...payment, creditorName: { toString: "x" } }],
  "an empty text": [{ ...payment, creditorName: "" }],
  "a text of spaces": [{ ...payment, creditorName: "  " }],
  "a text that turns its direction": [{ ...payment, creditorName: "a\u202eb" }],
  "a text with a line break": [{ ...payment, creditorName: "A\nAmount: 1" }],
  "a text with what nobody sees": [{ ...payment, creditorName: "Merchant\u200b A" }],
  "a text with a blank of Braille": [{ ...payment, creditorName: "Merchant\u2800A" }],
  "a text with a blank of music": [{ ...payment, creditorName: "Merchant\u{1d159}A" }],
  "a text with a space that is none": [{ ...payment, creditorName: "Merchant\u00a0A" }],
  "a text with a wide space": [{ ...payment, creditorName: "Merchant\u3000A" }],
  "a text with a mark of annotations": [{ ...payment, creditorName: "Merchant\ufff9A" }],
  "a text with a gap": [{ ...payment, creditorName: "Merchant  A" }],
  "a text of an accent alone": [{ ...payment, creditorName: "\u0301" }],
  "half a character": '[{"type":"closed","x":"\\ud800"}]',
  "a text with a space before it": [{ ...payment, creditorName: " A" }],
  "a text that is too long": [{ ...payment, creditorName: "x".repeat(257) }],
  "a text that is longer than its own limit": [
    { ...payment, instructedAmount: { ...amount, amount: "1234567890.12" } },
  ],
  "a value that is none of its field's": [
    { ...payment, instructedAmount: { ...amount, currency: "USD" } },
  ],
  "a text for a boolean": [{ ...payment, instant: "true" }],
  "a text for a list": [{ ...look, actions: "list" }],
  "an empty list": [{ ...look, actions: [] }],
  "a list with a number": [{ ...look, actions: ["list", 1] }],
  "a list that repeats itself": [{ ...look, actions: ["list", "list"] }],
  "a list with too many": [{ ...look, excluded: ["a", "b", "c", "d"] }],
  "a fraction for an integer": [{ ...look, days: 1.5 }],
  "a number below its limit": [{ ...look, days: 0 }],
  "a number above its limit": [{ ...look, days: 91 }],
  "a number that is not the same everywhere": [{ ...look, most: 2 ** 53 }],
  "a number without end": `[{"type":"${accountType.type}","actions":["list"],"rate":1e999}]`,
  "locations that are no list": [{ ...look, locations: accounts }],
  "no locations in a list": [{ ...look, locations: [] }],
  "locations that are no texts": [{ ...look, locations: [1] }],
  "locations of nobody": [{ ...look, locations: ["https://nobody.example"] }],
  "a location that is too long for a resource": [
    { ...look, locations: [`https://a.example/${"a".repeat(2900)}`] },
  ],
  "one that is a little too long": [{ ...look, locations: [`${accounts}/${"a".repeat(256)}`] }],
  "a location that its type does not have": [{ ...payment, locations: [accounts] }],
  "one such location beside a good one": [{ ...payment, locations: [payments, accounts] }],
  "a location that the client may not ask for": [{ type: "closed", locations: [closed] }],
  "a type at no place that the client may ask for": [{ type: "closed" }],
  "the admin API": [{ ...look, locations: [`${issuer}/api/v1`] }],
  "two equal ones": [payment, payment],
  "two that are equal after all": [look, { ...look, locations: [`${accounts}/`] }],
  "too many": Array.from({ length: 9 }, (_, n) => ({ ...payment, creditorName: `M ${n}` })),
  "too much": [{ ...payment, creditorName: "x".repeat(3100) }],
  "much depth": "[".repeat(1500) + "]".repeat(1500),
};
const refused = "400 invalid_authorization_details";

function parameterOf(value: unknown): { readonly authorization_details: string } {
  return { authorization_details: typeof value === "string" ? value : JSON.stringify(value) };
}

Deno.test("authorization details that are wrong in any way are refused, and nothing is stored", async () => {
  await using provider = await aProvider(detailsProvider);
  const before = await snapshotWithoutAudit(provider.backend);
  const query = provider.authorizeUrl({ client: "shop" }).split("?")[1];
  const sent = Object.fromEntries(new URLSearchParams(query));
  const own = { grant_type: "client_credentials", ...provider.credentials("shop") };
  for (const [name, value] of Object.entries(wrong)) {
    const details = parameterOf(value);
    const pushed = { ...sent, ...provider.credentials("shop"), ...details };
    assertEquals(await answerOf(await provider.post("/par", pushed)), refused, name);
    assertEquals(await answerOf(await provider.post("/token", { ...own, ...details })), refused);
  }
  for (const name of ["not JSON", "an unknown type", "an unknown field", "too many"]) {
    const details = parameterOf(wrong[name]);
    const landed = await ask(provider, { client: "shop", parameters: details });
    assertEquals(toldTo(landed).error, "invalid_authorization_details", name);
    const device = { ...provider.credentials("tv"), scope: "openid", ...details };
    assertEquals(await answerOf(await provider.post("/device_authorization", device)), refused);
    const elsewhere = { ...provider.credentials("bank"), login_hint: "alice", scope: "openid" };
    const asked = { ...elsewhere, ...details };
    assertEquals(
      await answerOf(await provider.post("/backchannel_authentication", asked)),
      refused,
    );
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
});

Deno.test("details are for four resources, and few bytes with all of their locations", async () => {
  const long = (n: number) => `https://long${n}.example/${"a".repeat(220)}`;
  const names = [1, 2, 3, 4].flatMap((n) => [`https://api${n}.example`, long(n)]);
  const type = (name: string, resources: string[]) => ({
    ...closedType,
    ...{ type: name, resources, fields: [{ field: "n", kind: "integer" }] },
  });
  await using provider = await aProvider({
    clients: [{ ...detailsShop, authorization_details_types: ["few", "others", "long"] }],
    resources: names.map((resource) => ({ resource })),
    authorizationDetailTypes: [
      type("few", ["https://api1.example", "https://api2.example", "https://api3.example"]),
      type("others", ["https://api3.example", "https://api4.example", long(1)]),
      type("long", [1, 2, 3, 4].map(long)),
    ],
  });
  const query = provider.authorizeUrl({ client: "shop" }).split("?")[1];
  const sent = Object.fromEntries(new URLSearchParams(query));
  const push = async (...details: unknown[]) =>
    await answerOf(
      await provider.post("/par", {
        ...sent,
        ...provider.credentials("shop"),
        ...asking(...details),
      }),
    );
  const others = { type: "others", locations: ["https://api3.example", "https://api4.example"] };
  assertEquals(await push({ type: "few" }, others), "201");
  assertEquals(await push({ type: "few" }, { type: "others" }), refused);
  const several = (count: number) => Array.from({ length: count }, (_, n) => ({ type: "long", n }));
  assertEquals(await push(...several(2)), "201");
  assertEquals(await push(...several(4)), refused);
});

Deno.test("texts of all languages are accepted", async () => {
  await using provider = await aProvider(detailsProvider);
  for (
    const creditorName of [
      "Müller & Söhne",
      "株式会社 三井",
      "شركة التجارة",
      "हिन्दी",
      "A 🎉",
      "-",
      "7",
    ]
  ) {
    const landed = await ask(provider, {
      client: "shop",
      parameters: asking({ ...payment, creditorName }),
    });
    assertEquals(outcomeOf(landed), "login", creditorName);
  }
});

Deno.test("a client gets only the types that it is registered for, and cannot tell which others exist", async () => {
  await using provider = await aProvider(detailsProvider);
  const told = async (client: string, type: string) =>
    toldTo(await ask(provider, { client, parameters: asking({ ...look, type }) }));
  const plain = await told("plain", look.type);
  assertEquals(plain.error, "invalid_authorization_details");
  assertEquals(plain.error_description, (await told("shop", "nobody's")).error_description);
});

Deno.test("a refusal says which field is wrong, and what it must be", async () => {
  await using provider = await aProvider(detailsProvider);
  const table: [Record<string, unknown>, string][] = [
    [{ ...payment, creditorName: 7 }, "a wrong creditorName: it must be a text of at most 256 "],
    [{ ...payment, instructedAmount: [] }, "a wrong instructedAmount: it must be an object"],
    [
      { ...payment, instructedAmount: { ...amount, currency: "USD" } },
      "in instructedAmount a wrong currency: it must be one of the texts that the type lists",
    ],
    [{ ...payment, instant: "true" }, "a wrong instant: it must be true or false"],
    [{ ...look, excluded: [1] }, "a wrong excluded: it must be a list of 1 to 3 different texts, "],
    [
      { ...look, days: 91 },
      "a wrong days: it must be a whole number of at least 1 and of at most 90",
    ],
    [{ ...payment, creditorName: undefined }, "no creditorName, which the type requires"],
  ];
  for (const [detail, problem] of table) {
    const { error_description: told } = toldTo(
      await ask(provider, { client: "shop", parameters: asking(detail) }),
    );
    assertStringIncludes(told ?? "", `authorization_details has ${problem}`);
  }
});

Deno.test("details come with no scope beside those that are asked for", async () => {
  await using provider = await aProvider(detailsProvider);
  const browser = provider.browser();
  const parameters = { ...asking(look), scope: undefined };
  const url = provider.authorizeUrl({ client: "shop", parameters });
  const landed = await browser.signInAndAllow(url, alice);
  const response = await provider.exchange(landed.searchParams.get("code") ?? "", {
    client: "shop",
  });
  const { scope, authorization_details, id_token } = await response.json();
  assertEquals([scope, authorization_details, id_token], ["", [look], undefined]);
});

Deno.test("details are not accepted with a response type that has a token", async () => {
  const implicit = {
    ...detailsShop,
    response_types: ["code", "id_token token"],
    grant_types: ["authorization_code", "implicit"],
  };
  await using provider = await aProvider({
    ...detailsProvider,
    clients: [implicit, ...detailsProvider.clients.slice(1)],
    config: { implicit: true },
  });
  const parameters = { ...asking(look), response_type: "id_token token" };
  const landed = await ask(provider, { client: "shop", parameters });
  assertEquals(outcomeOf(landed), "error invalid_authorization_details");
});
