import { assertEquals } from "@std/assert";
import { exportSPKI, SignJWT } from "jose";
import { codeAt, outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClientKey, type ClientKey } from "../support/client_assertion.ts";
import { aClient, aPublicClient } from "../support/clients.ts";
import { alice, aProvider, codeChallenge, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail, snapshotWithoutAudit } from "../support/records.ts";
import {
  objectClaims,
  type ObjectOptions,
  signedObject,
  unsignedObject,
} from "../support/request_object.ts";
import { answerOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const redirect_uri = "https://shop.example/callback";

function aSigner(key: ClientKey, members: Record<string, unknown> = {}) {
  return aClient("shop", { skip_consent: true, jwks: { keys: [key.publicJwk] }, ...members });
}

/** What a browser carries. */
function path(parameters: Record<string, string>, client_id = "shop"): string {
  return `/authorize?${new URLSearchParams({ client_id, ...parameters })}`;
}

function attacks(provider: TestProvider): Readonly<Record<string, ObjectOptions>> {
  const now = provider.clock.seconds();
  return {
    "another client": { claims: { client_id: "other" } },
    "no client": { claims: { client_id: undefined } },
    "another issuer": { claims: { iss: "other" } },
    "no issuer": { claims: { iss: undefined } },
    "another audience": { claims: { aud: "https://other.example" } },
    "two other audiences": { claims: { aud: [`${issuer}/`, "https://other.example"] } },
    "an audience in a list in a list": { claims: { aud: [[issuer]] } },
    "an empty list of audiences": { claims: { aud: [] } },
    "no audience": { claims: { aud: undefined } },
    "the client as subject": { claims: { sub: "shop" } },
    "an end long ago": { claims: { exp: now - 31 } },
    "an end that is no number": { claims: { exp: "soon" } },
    "a beginning in the future": { claims: { nbf: now + 60 } },
    "a jti without an end": { claims: { jti: "1", exp: undefined } },
    "a jti to be remembered for years": { claims: { jti: "1", exp: now + 1e8 } },
    "a jti, and made in the future": { claims: { jti: "1", iat: now + 31 } },
    "an empty jti": { claims: { jti: "" } },
    "an object inside": { claims: { request: "e30.e30." } },
    "a reference inside": { claims: { request_uri: "https://shop.example/object" } },
    "a scope that is a list": { claims: { scope: ["openid"] } },
    "a state that is an object": { claims: { state: {} } },
    "the type of a DPoP proof": { header: { typ: "dpop+jwt" } },
    "the type of an assertion": { header: { typ: "client-authentication+jwt" } },
    "a key that is not registered": { header: { kid: "2" } },
  };
}

Deno.test("a request object with a wrong claim, header or signature is refused, and nothing is stored", async () => {
  const key = await aClientKey();
  const thief = await aClientKey();
  await using provider = await aProvider({ clients: [aSigner(key)] });
  const browser = await signedInBrowser(provider);
  const before = await snapshotWithoutAudit(provider.backend);
  const objects: Record<string, string> = {};
  for (const [name, options] of Object.entries(attacks(provider))) {
    objects[name] = await signedObject(provider, key, options);
  }
  const [header = "", payload = "", signature = ""] = (await signedObject(provider, key)).split(
    ".",
  );
  const encoded = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const forged = {
    "another's key": await signedObject(provider, thief),
    "no signature": `${header}.${payload}.`,
    "alg none": unsignedObject(provider),
    "alg None": `${encoded({ alg: "None" })}.${payload}.${signature}`,
    "a HMAC of the public key": await new SignJWT(objectClaims(provider))
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .sign(new TextEncoder().encode(await exportSPKI(key.publicKey))),
    "a key of its own": await new SignJWT(objectClaims(provider))
      .setProtectedHeader({ alg: "ES256", jwk: thief.publicJwk }).sign(thief.privateKey),
    "no JWT": "x",
    "a header that is a list": `${encoded([])}.${payload}.${signature}`,
    "a typ that is a number": `${encoded({ alg: "ES256", typ: 7 })}.${payload}.${signature}`,
    "a long text": "a".repeat(17_000),
  };
  for (const [name, request] of Object.entries({ ...objects, ...forged })) {
    const told = outcomeOf(await browser.open(path({ request, redirect_uri })));
    assertEquals(told, "error invalid_request_object", name);
    // Without a redirect URI outside there is nowhere to send it.
    const shown = outcomeOf(await browser.open(path({ request })));
    assertEquals(shown, "page invalid_request_object", name);
    const pushed = await answerOf(
      await provider.post("/par", { request, ...provider.credentials("shop") }),
    );
    assertEquals(pushed, "400 invalid_request_object", name);
  }
  const open = path({
    request: objects["no client"] ?? "",
    redirect_uri: "https://thief.example/",
  });
  assertEquals(outcomeOf(await browser.open(open)), "page invalid_request_object");
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
  const refused = (await auditTrail(provider)).filter(({ type }) =>
    type === "authorization_refused"
  );
  assertEquals(refused.some(({ reason }) => reason === "request_object_wrong"), true);
});

Deno.test("only the parameters inside a request object count", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({ clients: [aSigner(key)] });
  const browser = await signedInBrowser(provider);
  const outside = {
    redirect_uri: "https://thief.example/",
    state: "outside",
    prompt: "none login",
  };
  const harmless: ObjectOptions[] = [
    {},
    { claims: { aud: [issuer] } },
    { claims: { aud: ["https://other.example", issuer] } },
    { header: { typ: undefined } },
    { header: { typ: "JWT" } },
    { header: { typ: "application/OAuth-Authz-Req+JWT" } },
    { claims: { exp: undefined } },
    { claims: { iat: provider.clock.seconds() + 3600 } },
    { claims: { max_age: 1000, claims: { id_token: { name: null } }, unknown: {} } },
    // As outside, a parameter without a value is an omitted one.
    {
      claims: { prompt: "", max_age: "", claims: "", resource: "", dpop_jkt: "", request_uri: "" },
    },
    { claims: { prompt: null, max_age: null, claims: null, resource: null, request: null } },
  ];
  for (const options of harmless) {
    const request = await signedObject(provider, key, options);
    const landing = await browser.open(path({ ...outside, request }));
    assertEquals([landing.url.host, outcomeOf(landing)], ["shop.example", "code"]);
    assertEquals(toldTo(landing).state, "inside");
    assertEquals((await provider.exchange(codeAt(landing))).status, 200);
  }
  // One without a value is not taken from outside.
  for (const [name, answer] of [["redirect_uri", "page"], ["code_challenge", "error"]] as const) {
    const emptied = await signedObject(provider, key, { claims: { [name]: "" } });
    const beside = { redirect_uri, code_challenge: codeChallenge, request: emptied };
    assertEquals(outcomeOf(await browser.open(path(beside))), `${answer} invalid_request`, name);
  }
  // A value that would be refused is refused inside as outside.
  const request = await signedObject(provider, key, { claims: { prompt: "none login" } });
  assertEquals(outcomeOf(await browser.open(path({ request }))), "error invalid_request");
  const missing = await signedObject(provider, key, { claims: { redirect_uri: undefined } });
  const landing = await browser.open(path({ request: missing, redirect_uri }));
  assertEquals(outcomeOf(landing), "page invalid_request");
});

Deno.test("the registered algorithm of request objects is the only one, `none` too", async () => {
  const ec = await aClientKey();
  const rsa = await aClientKey("PS256", "2");
  const jwks = { keys: [ec.publicJwk, rsa.publicJwk] };
  const ofClient = (id: string, alg?: string) =>
    aClient(id, { skip_consent: true, jwks, request_object_signing_alg: alg });
  await using provider = await aProvider({
    clients: [ofClient("any"), ofClient("ps", "PS256"), ofClient("none", "none")],
  });
  const browser = await signedInBrowser(provider, { client: "any" });
  const found: Record<string, string[]> = {};
  for (const client of ["any", "ps", "none"]) {
    found[client] = [];
    const objects = [
      await signedObject(provider, ec, { client }),
      await signedObject(provider, rsa, { client, header: { alg: "PS256", kid: "2" } }),
      unsignedObject(provider, { client }),
    ];
    for (const request of objects) {
      found[client].push(outcomeOf(await browser.open(path({ request }, client))));
    }
  }
  const refused = "page invalid_request_object";
  assertEquals(found, {
    any: ["code", "code", refused],
    ps: [refused, "code", refused],
    none: [refused, refused, "code"],
  });
});

Deno.test("a request object with a jti leads to one answer, also if a page or a push comes first", async () => {
  const key = await aClientKey();
  await using provider = await aProvider({ clients: [aSigner(key)] });
  const browser = await signedInBrowser(provider);
  const request = await signedObject(provider, key, { claims: { jti: "1" } });
  // Two browsers wait with one object: one of them is answered.
  const waiting = provider.browser();
  const login = await waiting.open(path({ request }));
  assertEquals(outcomeOf(login), "login");
  assertEquals(outcomeOf(await browser.open(path({ request }))), "code");
  assertEquals(outcomeOf(await browser.open(path({ request }))), "page invalid_request_object");
  const late = await waiting.submit(login, { username: alice.username, password: alice.password });
  assertEquals(outcomeOf(late), "page invalid_request_object");
  const pushed = { request, ...provider.credentials("shop") };
  assertEquals(await answerOf(await provider.post("/par", pushed)), "400 invalid_request_object");

  const second = await signedObject(provider, key, { claims: { jti: "2" } });
  const form = { request: second, ...provider.credentials("shop") };
  const [first, ...others] = await Promise.all(
    Array.from({ length: 4 }, () => provider.post("/par", form)),
  ).then((answers) => answers.toSorted((a, b) => a.status - b.status));
  assertEquals([first?.status, ...others.map(({ status }) => status)], [201, 400, 400, 400]);
  const { request_uri } = await first?.json();
  assertEquals(outcomeOf(await browser.open(path({ request_uri }))), "code");
  // It is remembered for longer than a browser could wait with it.
  provider.clock.advance(70);
  const expired = outcomeOf(await browser.open(path({ request: second })));
  assertEquals(expired, "page invalid_request_object");
});

Deno.test("a signed request is required of a client, or of all, at every way in", async () => {
  const key = await aClientKey();
  const members = { require_signed_request_object: true };
  const unsigned = aClient("none", { ...members, request_object_signing_alg: "none" });
  await using provider = await aProvider({ clients: [aSigner(key, members), unsigned] });
  const browser = provider.browser();
  const plain = outcomeOf(await browser.open(provider.authorizeUrl()));
  assertEquals(plain, "error invalid_request");
  const none = path({ request: unsignedObject(provider, { client: "none" }) }, "none");
  assertEquals(outcomeOf(await browser.open(none)), "error invalid_request");
  const url = new URL(provider.authorizeUrl(), issuer);
  const form = { ...Object.fromEntries(url.searchParams), ...provider.credentials() };
  assertEquals(await answerOf(await provider.post("/par", form)), "400 invalid_request");
  // Signed, it goes on over the pages, by a push and by a POST.
  const request = await signedObject(provider, key);
  const landed = await browser.signInAndAllow(path({ request }), alice);
  assertEquals(landed.searchParams.get("state"), "inside");
  const pushed = await provider.post("/par", { request, ...provider.credentials("shop") });
  const { request_uri } = await pushed.json();
  assertEquals(outcomeOf(await browser.open(path({ request_uri }))), "code");
  const body = new URLSearchParams({ client_id: "shop", request });
  const posted = await provider.request("/authorize", { method: "POST", body });
  assertEquals(
    outcomeOf(await browser.open(posted.headers.get("location") ?? "")),
    "code",
  );
  await using all = await aProvider({ config: { requireSignedRequestObject: true } });
  assertEquals(outcomeOf(await all.browser().open(all.authorizeUrl())), "error invalid_request");
});

Deno.test("a request object is fetched from a registered URL only, and outside of the step", async () => {
  const key = await aClientKey();
  const url = "https://shop.example/object?a=1";
  const web = testWeb();
  const public_ = aPublicClient("phone", { request_uris: [url] });
  await using provider = await aProvider({
    clients: [aSigner(key, { request_uris: [`${url}#first`] }), public_],
    transport: web,
  });
  const browser = await signedInBrowser(provider);
  web.publish(url, `${await signedObject(provider, key)}\n`);
  assertEquals(outcomeOf(await browser.open(path({ request_uri: url }))), "code");
  const refused: Record<string, string>[] = [
    { request_uri: `${url}&b=2` },
    { request_uri: "http://169.254.169.254/latest" },
    { request_uri: "urn:example:1" },
  ];
  for (const parameters of refused) {
    const landing = await browser.open(path({ redirect_uri, ...parameters }));
    assertEquals(outcomeOf(landing), "error invalid_request_uri", parameters.request_uri);
  }
  assertEquals(web.asked, [url], "nothing else was asked");
  const hashed = `${url}#GkurKxf5T0Y`;
  assertEquals(outcomeOf(await browser.open(path({ request_uri: hashed }))), "code", "a new hash");
  assertEquals(web.asked, [url, url], "a fragment is not sent");
  for (const answer of [null, { status: 500 }, { status: 302 }]) {
    web.publish(url, answer);
    const landing = await browser.open(path({ redirect_uri, request_uri: url }));
    assertEquals(outcomeOf(landing), "error invalid_request_uri");
  }
  web.publish(url, "no JWT");
  const landing = await browser.open(path({ redirect_uri, request_uri: url }));
  assertEquals(outcomeOf(landing), "error invalid_request_object");
  const both = path({ redirect_uri, request_uri: url, request: "x" });
  assertEquals(outcomeOf(await browser.open(both)), "error invalid_request");
  const pushed = { request_uri: url, ...provider.credentials("shop") };
  assertEquals(await answerOf(await provider.post("/par", pushed)), "400 invalid_request");
});

Deno.test("the keys of request objects are found at a jwks_uri, and looked for again once they change", async () => {
  const key = await aClientKey();
  const next = await aClientKey("ES256", "next");
  const jwks_uri = "https://shop.example/jwks";
  const web = testWeb();
  web.publish(jwks_uri, JSON.stringify({ keys: [key.publicJwk] }));
  await using provider = await aProvider({
    clients: [aClient("shop", { skip_consent: true, jwks_uri })],
    transport: web,
  });
  const browser = await signedInBrowser(provider);
  const outcome = async (signing: ClientKey, kid: string) => {
    const request = await signedObject(provider, signing, { header: { kid } });
    return outcomeOf(await browser.open(path({ request })));
  };
  assertEquals(await outcome(key, "1"), "code");
  assertEquals(await outcome(key, "1"), "code");
  assertEquals(web.asked.length, 1);
  web.publish(jwks_uri, JSON.stringify({ keys: [next.publicJwk] }));
  provider.clock.advance(11);
  assertEquals(await outcome(next, "next"), "code");
  assertEquals(await outcome(key, "1"), "page invalid_request_object");
});
