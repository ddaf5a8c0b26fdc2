import { assertEquals } from "@std/assert";
import {
  accounts,
  accountType,
  asking,
  detailsProvider,
  payment,
  payments,
  paymentType,
} from "../support/authorization_details.ts";
import { callback, register } from "../registration/registration.ts";
import { codeChallenge } from "../support/provider.ts";
import { aClient } from "../support/clients.ts";
import { answerOf } from "../support/tokens.ts";
import { anAdminApi, problemOf, resource, scope } from "./api.ts";

const root = "/authorization-detail-types";
const path = `${root}/${encodeURIComponent(accountType.type)}`;
const small = { type: "small", resources: [payments], text: { en: "Small" } };
const field = { field: "x", kind: "string" };

Deno.test("an authorization detail type is defined, read, changed and deleted", async () => {
  await using api = await anAdminApi();
  const created = await api.post(root, accountType);
  assertEquals([created.status, created.body.type], [201, accountType.type]);
  const shown = (await api.get(path)).body;
  assertEquals(shown, created.body);
  assertEquals(created.etag, (await api.get(path)).etag);
  // What is shown can be sent back, and changes nothing.
  const headers = { "if-match": "*" };
  assertEquals((await api.call("PUT", path, { headers, body: shown })).body, shown);
  assertEquals(problemOf(await api.post(root, accountType)), "409 conflict");
  assertEquals((await api.patch(path, { text: { de: "Konten" } })).body.text.de, "Konten");
  assertEquals(problemOf(await api.patch(path, { type: "x" })), "422 validation-failed");
  assertEquals((await api.get(root)).body.items.length, 1);
  assertEquals(problemOf(await api.call("DELETE", path)), "428 precondition-required");
  assertEquals((await api.call("DELETE", path, { headers })).status, 204);
  assertEquals(problemOf(await api.get(path)), "404 not-found");
  const events = (await api.events()).filter((type) => type.startsWith("authorization_detail"));
  assertEquals(events.sort(), [
    "authorization_detail_type_created",
    "authorization_detail_type_deleted",
    "authorization_detail_type_updated",
  ]);
});

Deno.test("a type has no field with another meaning and no limit of another kind, and types are few", async () => {
  await using api = await anAdminApi();
  const wrong: Record<string, unknown>[] = [
    ...["", "a b", ".", "..", "ä", "x".repeat(129)].map((type) => ({ type })),
    ...[[], ["payments"], Array(5).fill(payments).map((one, n) => `${one}/${n}`)]
      .map((resources) => ({ resources })),
    ...[{}, { fr: "Petit" }, { en: "a\u202eb" }, { en: 1 }].map((text) => ({ text })),
    ...[
      [{ ...field, field: "type" }],
      [{ ...field, field: "locations" }],
      [{ ...field, field: "__proto__" }],
      [{ ...field, field: "constructor" }],
      [{ ...field, field: "toString" }],
      [field, field],
      [{ ...field, kind: "date" }],
      [{ ...field, minimum: 1 }],
      [{ ...field, max_items: 1 }],
      [{ ...field, kind: "boolean", values: ["a"] }],
      [{ ...field, kind: "integer", max_length: 1 }],
      [{ ...field, max_length: 5000 }],
      [{ ...field, kind: "object" }],
      [{ ...field, kind: "object", fields: [{ ...field, kind: "object", fields: [field] }] }],
      [{ ...field, kind: "object", fields: [field, field] }],
      Array.from({ length: 17 }, (_, n) => ({ ...field, field: `f${n}` })),
    ].map((fields) => ({ fields })),
    { always_ask: "yes" },
    { unknown: 1 },
  ];
  for (const members of wrong) {
    const answer = await api.post(root, { ...small, ...members });
    assertEquals(answer.status, 422, JSON.stringify(members));
  }
  const large = Array.from({ length: 16 }, (_, n) => ({
    field: `f${n}`,
    kind: "string",
    values: Array.from({ length: 64 }, (_, m) => `value ${m} with words`),
  }));
  assertEquals(problemOf(await api.post(root, { ...small, fields: large })), "409 conflict");
  for (let n = 0; n < 16; n++) {
    assertEquals((await api.post(root, { ...small, type: `small-${n}` })).status, 201);
  }
  assertEquals(problemOf(await api.post(root, small)), "409 conflict");
});

Deno.test("discovery and the metadata of a resource list types while there are some", async () => {
  await using api = await anAdminApi(detailsProvider);
  const { provider } = api;
  const listedAt = async (place: string) => {
    const response = await provider.request(`/.well-known/${place}`);
    return (await response.json()).authorization_details_types_supported;
  };
  const at = `oauth-protected-resource/${encodeURIComponent(accounts)}`;
  const all = detailsProvider.authorizationDetailTypes.map(({ type }) => type);
  assertEquals(await listedAt("openid-configuration"), all);
  assertEquals(await listedAt("oauth-authorization-server"), all);
  assertEquals(await listedAt(at), [accountType.type]);
  for (const type of all) {
    const headers = { "if-match": "*" };
    await api.call("DELETE", `${root}/${encodeURIComponent(type)}`, { headers });
  }
  assertEquals(await listedAt("openid-configuration"), undefined);
  assertEquals(await listedAt(at), undefined);
});

Deno.test("a client that registers itself gets no type, until an operator gives it some", async () => {
  await using api = await anAdminApi({
    ...detailsProvider,
    config: { registration: "open" },
  });
  const { status, body } = await register(api.provider, {
    redirect_uris: [callback],
    authorization_details_types: [paymentType.type],
  });
  const { client_id, client_secret, authorization_details_types } = body;
  assertEquals([status, authorization_details_types], [201, []]);
  const pushed = () =>
    api.provider.post("/par", {
      response_type: "code",
      redirect_uri: callback,
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      ...asking(payment),
    }, { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` });
  assertEquals(await answerOf(await pushed()), "400 invalid_authorization_details");
  await api.patch(`/clients/${client_id}`, { authorization_details_types: [paymentType.type] });
  assertEquals(await answerOf(await pushed()), "201");
});

Deno.test("a type at the admin API gives nothing there", async () => {
  const robot = aClient("robot", {
    grant_types: ["client_credentials"],
    scope,
    authorization_details_types: [small.type],
  });
  await using api = await anAdminApi({
    clients: [robot],
    resources: [{ resource: payments }],
    authorizationDetailTypes: [{ ...small, resources: [payments, resource] }],
  });
  const own = (parameters: Record<string, string>) =>
    api.provider.post("/token", {
      grant_type: "client_credentials",
      ...api.provider.credentials("robot"),
      ...parameters,
    });
  const at = (...locations: string[]) => asking({ type: small.type, locations });
  assertEquals(await answerOf(await own({ resource, scope })), "200");
  assertEquals(await answerOf(await own(at(payments))), "200");
  assertEquals(await answerOf(await own(at(resource))), "400 invalid_authorization_details");
  const { authorization_details } = await (await own(asking({ type: small.type }))).json();
  assertEquals(authorization_details, [{ type: small.type, locations: [payments] }]);
});
