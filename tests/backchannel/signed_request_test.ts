import { assert, assertEquals } from "@std/assert";
import { exportSPKI, SignJWT, UnsecuredJWT } from "jose";
import {
  aCallCentre,
  answerBackchannel,
  askBackchannel,
  beginBackchannel,
  cibaGrant,
  pollBackchannel,
  requestClaims,
  signedBackchannel,
} from "../support/backchannel.ts";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { clientMetadataSchema } from "../../src/clients/metadata.ts";
import { aClientKey, type ClientKey } from "../support/client_assertion.ts";
import { aClient, type ClientEntry } from "../support/clients.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshotWithoutAudit } from "../support/records.ts";
import type { ObjectOptions } from "../support/request_object.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const alg = { backchannel_authentication_request_signing_alg: "ES256" };

function aSigner(key: ClientKey, members: Record<string, unknown> = {}): ClientEntry {
  return aCallCentre("bank", { ...alg, jwks: { keys: [key.publicJwk] }, ...members });
}

function send(provider: TestProvider, request: string, beside: Record<string, string> = {}) {
  return provider.post("/backchannel_authentication", {
    request,
    ...provider.credentials("bank"),
    ...beside,
  });
}

Deno.test("a client asks a user by a signed request, in which every parameter counts", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({ clients: [aSigner(key)] });
  const device = await aDpopKey(provider);
  const claims = {
    binding_message: "4711",
    requested_expiry: 60,
    claims: { id_token: { email: null } },
    dpop_jkt: device.thumbprint,
    of_another_specification: { ignored: true },
    id_token_hint: "",
    acr_values: null,
  };
  const request = await signedBackchannel(provider, key, { claims });
  const begun = await (await send(provider, request)).json();
  assertEquals(begun.expires_in, 60);
  const page = await answerBackchannel(provider);
  assert(page.body.includes("You have allowed it"));
  const proof = await device.proof({ path: "/token" });
  const poll = await pollBackchannel(provider, begun.auth_req_id, "bank", {}, { dpop: proof });
  assertEquals((await tokensOf(poll)).token_type, "DPoP");
  const audience = await signedBackchannel(provider, key, {
    claims: { aud: ["https://other.example", issuer] },
  });
  assertEquals(await answerOf(await send(provider, audience)), "200");
  // Both ways of writing a number, and the type that libraries give to request objects.
  for (const requested_expiry of [7, "7"]) {
    const header = { typ: "oauth-authz-req+jwt" };
    const options = { claims: { requested_expiry, client_id: "bank" }, header };
    const answer = await send(provider, await signedBackchannel(provider, key, options));
    assertEquals((await answer.json()).expires_in, 7);
  }
});

function wrongObjects(now: number): Readonly<Record<string, ObjectOptions>> {
  const required = ["iss", "aud", "exp", "iat", "nbf", "jti"];
  return {
    ...Object.fromEntries(
      required.map((name) => [`no ${name}`, { claims: { [name]: undefined } }]),
    ),
    "another issuer": { claims: { iss: "other" } },
    "another client": { claims: { client_id: "other" } },
    "another audience": { claims: { aud: `${issuer}/token` } },
    "two other audiences": { claims: { aud: [`${issuer}/`, "https://other.example"] } },
    "the client as subject": { claims: { sub: "bank" } },
    "an end long ago": { claims: { exp: now - 31 } },
    "an end that is no number": { claims: { exp: "soon" } },
    "a beginning in the future": { claims: { nbf: now + 31 } },
    "made in the future": { claims: { iat: now + 31 } },
    "an end to be remembered for years": { claims: { exp: now + 1e8 } },
    "an empty jti": { claims: { jti: "" } },
    "a jti that is a number": { claims: { jti: 1 } },
    "an authorization request": { claims: { response_type: "code" } },
    "an object inside": { claims: { request: "e30.e30." } },
    "a reference inside": { claims: { request_uri: "https://bank.example/object" } },
    "a scope that is a list": { claims: { scope: ["openid"] } },
    "a message that is a number": { claims: { binding_message: 4711 } },
    "two hints": { claims: { id_token_hint: "a.b.c" } },
    "no hint": { claims: { login_hint: undefined } },
    "an expiry of 0": { claims: { requested_expiry: 0 } },
    "an expiry in parts": { claims: { requested_expiry: 1.5 } },
    "the type of a DPoP proof": { header: { typ: "dpop+jwt" } },
    "the type of an assertion": { header: { typ: "client-authentication+jwt" } },
    "the type of a logout token": { header: { typ: "logout+jwt" } },
    "a key that is not registered": { header: { kid: "2" } },
  };
}

Deno.test("a signed request with a wrong claim, header or signature is refused, and nothing is stored", async () => {
  const [key, thief, wide] = [
    await aClientKey(),
    await aClientKey(),
    await aClientKey("RS256", "3"),
  ];
  const jwks = { keys: [key.publicJwk, wide.publicJwk] };
  await using provider = await aProvider({ clients: [aSigner(key, { jwks })] });
  const before = await snapshotWithoutAudit(provider.backend);
  const claims = () => requestClaims(provider);
  const objects: Record<string, string> = {};
  for (const [name, options] of Object.entries(wrongObjects(provider.clock.seconds()))) {
    objects[name] = await signedBackchannel(provider, key, options);
  }
  const [header, payload] = (await signedBackchannel(provider, key)).split(".");
  const forged = {
    "another's key": await signedBackchannel(provider, thief),
    "no signature": `${header}.${payload}.`,
    "alg none": new UnsecuredJWT(claims()).encode(),
    "a HMAC of the public key": await new SignJWT(claims())
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .sign(new TextEncoder().encode(await exportSPKI(key.publicKey))),
    "a HMAC of the client's secret": await new SignJWT(claims())
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(provider.credentials("bank").client_secret)),
    "a key of its own": await new SignJWT(claims())
      .setProtectedHeader({ alg: "ES256", jwk: thief.publicJwk }).sign(thief.privateKey),
    "an algorithm of the key, and not the registered one": await signedBackchannel(provider, wide, {
      header: { alg: "RS256", kid: "3" },
    }),
    "a client assertion": (await key.form(provider, "bank")).client_assertion ?? "",
    "no JWT": "x",
    "five parts": "a.b.c.d.e",
    "a long text": "a".repeat(17_000),
  };
  for (const [name, request] of Object.entries({ ...objects, ...forged })) {
    assertEquals(await answerOf(await send(provider, request)), "400 invalid_request", name);
  }
  const unsigned = await askBackchannel(provider, { login_hint: "alice" });
  assertEquals(await answerOf(unsigned), "400 invalid_request", "a registered client must sign");
  const beside: Record<string, string>[] = [
    { scope: "openid" },
    { login_hint: "alice" },
    { binding_message: "1" },
    { user_code: "1" },
    { dpop_jkt: "x" },
    { resource: "https://api.example" },
    { request_uri: "https://bank.example/object" },
  ];
  for (const parameters of beside) {
    const request = await signedBackchannel(provider, key);
    const answer = await answerOf(await send(provider, request, parameters));
    assertEquals(answer, "400 invalid_request", Object.keys(parameters)[0]);
  }
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  const refused = (await auditTrail(provider)).filter(({ type }) =>
    type === "authorization_refused"
  );
  assertEquals(refused.some(({ reason }) => reason === "request_object_wrong"), true);
  const good = await signedBackchannel(provider, key);
  assertEquals(await answerOf(await send(provider, good, { of_no_meaning: "x" })), "200");
});

Deno.test("a signed request is used once, and a refusal leaves it unused", async () => {
  const key = await aClientKey();
  const clients = [aSigner(key, {
    redirect_uris: ["https://bank.example/callback"],
    grant_types: [cibaGrant, "authorization_code", "refresh_token"],
  })];
  await using provider = await aProvider({ clients });
  const claims = { jti: "once", login_hint: "nobody" };
  const unknown = await signedBackchannel(provider, key, { claims });
  for (let n = 0; n < 2; n++) {
    assertEquals(await answerOf(await send(provider, unknown)), "400 unknown_user_id");
  }
  const request = await signedBackchannel(provider, key, { claims: { jti: "once" } });
  assertEquals(await answerOf(await send(provider, request)), "200");
  assertEquals(await answerOf(await send(provider, request)), "400 invalid_request");
  const again = await signedBackchannel(provider, key, {
    claims: { jti: "once", scope: "openid" },
  });
  assertEquals(await answerOf(await send(provider, again)), "400 invalid_request");
  const trail = await auditTrail(provider);
  assertEquals(trail.filter(({ reason }) => reason === "request_object_used").length, 2);

  // It is no authorization request either.
  const other = await signedBackchannel(provider, key, { claims: { client_id: "bank" } });
  const pushed = await provider.post("/par", { request: other, ...provider.credentials("bank") });
  assertEquals(await answerOf(pushed), "400 invalid_request");
});

Deno.test("keys at a jwks_uri are fetched, and a client without an algorithm cannot sign its requests", async () => {
  const key = await aClientKey();
  const jwks_uri = "https://bank.example/jwks";
  const transport = testWeb();
  transport.publish(jwks_uri, JSON.stringify({ keys: [key.publicJwk] }));
  const clients = [
    aSigner(key, { jwks: undefined, jwks_uri }),
    aCallCentre("plain", { jwks: { keys: [key.publicJwk] } }),
  ];
  await using provider = await aProvider({ clients, transport });
  assertEquals(await answerOf(await send(provider, await signedBackchannel(provider, key))), "200");
  const request = await signedBackchannel(provider, key, { client: "plain" });
  const form = { request, ...provider.credentials("plain") };
  const answer = await provider.post("/backchannel_authentication", form);
  assertEquals(await answerOf(answer), "400 invalid_request");
  await beginBackchannel(provider, {}, "plain");

  const name = "backchannel_authentication_request_signing_alg";
  const wrong: ClientEntry[] = [
    aSigner(key, { jwks: undefined }),
    aSigner(key, { [name]: "EdDSA" }),
    aSigner(key, { [name]: undefined, require_signed_request_object: true }),
    aSigner(key, { [name]: "none" }),
    aSigner(key, { [name]: "HS256" }),
    aClient("shop", { jwks: { keys: [key.publicJwk] }, [name]: "ES256" }),
  ];
  for (const entry of wrong) {
    const { error } = clientMetadataSchema.safeParse(entry);
    assertEquals(error?.issues.map(({ path }) => path[0]), [name], JSON.stringify(entry));
  }
});

Deno.test("a client that must sign its requests, or all that must, sign those to users elsewhere too", async () => {
  const key = await aClientKey();
  const { publicJwk } = key;
  const must = { require_signed_request_object: true };
  await using one = await aProvider({ clients: [aSigner(key, must)] });
  await using all = await aProvider({
    clients: [aSigner(key), aCallCentre("plain", { jwks: { keys: [publicJwk] } })],
    config: { requireSignedRequestObject: true },
  });
  // As a release before this rule could register it.
  await using older = await aProvider({ clients: [aSigner(key)] });
  await older.deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref("bank") });
    if (!isPresent(client)) throw new Error("no client");
    clients.keep(tx, client, {
      ...client.value,
      backchannelAuthenticationRequestSigningAlg: null,
      requireSignedRequestObject: true,
    });
  });
  for (
    const [provider, client] of [[one, "bank"], [all, "bank"], [all, "plain"], [
      older,
      "bank",
    ]] as const
  ) {
    const refused = await askBackchannel(provider, { login_hint: "alice" }, client);
    assertEquals(await answerOf(refused), "400 invalid_request", client);
  }
  for (const provider of [one, all]) {
    const request = await signedBackchannel(provider, key);
    assertEquals(await answerOf(await send(provider, request)), "200");
  }
  const request = await signedBackchannel(older, key);
  assertEquals(await answerOf(await send(older, request)), "400 invalid_request");
});
