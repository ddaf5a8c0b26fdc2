import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { exportJWK, generateKeyPair } from "jose";
import { members } from "../../src/clients/members.ts";
import { anAdminApi } from "../admin/api.ts";
import { register } from "../registration/registration.ts";
import { ask } from "../support/authorization.ts";
import { aCallCentre, requestClaims } from "../support/backchannel.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { assertProtocolAnswer, changes, lasting, seed } from "../support/harmless.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { signedJwt } from "../support/signed_jwt.ts";
import { aTrustedIssuer, idp, jwtBearer } from "../support/trusted_issuer.ts";
import { testWeb } from "../support/web.ts";

const numRuns = 100;
type Claims = Record<string, unknown>;

/** Right claims, of which one that is needed has any other value or none, and others may, too. */
function wrongClaims(right: Claims, needed: readonly string[]): fc.Arbitrary<Claims> {
  const other = fc.oneof(fc.constant(undefined), fc.string(), fc.jsonValue());
  return fc.record({
    name: fc.constantFrom(...needed),
    value: other,
    // Mostly one flaw alone.
    more: fc.oneof(
      { weight: 4, arbitrary: fc.constant<Claims>({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(
          fc.oneof(fc.constantFrom(...Object.keys(right)), fc.string()),
          other,
          { maxKeys: 2, noNullPrototype: true },
        ),
      },
    ),
  }).filter(({ name, value }) => value !== right[name])
    .map(({ name, value, more }) => ({ ...right, ...more, [name]: value }));
}

const headers = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Claims>({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom("typ", "kid", "cty", "jku", "x5u"), fc.jsonValue(), {
      noNullPrototype: true,
    }),
  },
);

/** Sends each JWT, which is refused and leaves nothing behind. */
async function allRefused(
  provider: TestProvider,
  claims: fc.Arbitrary<Claims>,
  send: (claims: Claims, header: Claims) => Promise<Response>,
) {
  const before = await lasting(provider);
  await fc.assert(
    fc.asyncProperty(claims, headers, async (wrong, header) => {
      const response = await send(wrong, header);
      assert(response.status >= 400, JSON.stringify(wrong));
      await assertProtocolAnswer(response);
      assertEquals(changes(before, await lasting(provider)), []);
    }),
    { seed, numRuns },
  );
}

Deno.test("a rightly signed input with any other content is refused, and nothing is spent", async (t) => {
  const key = await aClientKey();
  const server = await aTrustedIssuer();
  const trusted = server.trusted({ usernameClaim: "sub", assertions: ["id-jag", "jwt"] });
  const grants = { redirect_uris: [], post_logout_redirect_uris: [] };
  await using provider = await aProvider({
    clients: [
      aClient("wiki", { ...grants, grant_types: [jwtBearer] }),
      aCallCentre("bank", {
        backchannel_authentication_request_signing_alg: "ES256",
        jwks: { keys: [key.publicJwk] },
      }),
      aKeyClient("signer", {
        ...grants,
        grant_types: ["client_credentials"],
        jwks: { keys: [key.publicJwk] },
      }),
    ],
    config: { trustedIssuers: [trusted] },
  });
  const now = provider.clock.seconds();
  const times = { iat: now, exp: now + 60, jti: "one" };
  const signed = (by: { privateKey: CryptoKey }, claims: Claims, header: Claims) =>
    signedJwt(by.privateKey, claims, { alg: "ES256", ...header });

  await t.step("a client's assertion", async () => {
    const right = { iss: "signer", sub: "signer", aud: issuer, ...times };
    const claims = wrongClaims(right, ["iss", "sub", "aud", "exp"]);
    await allRefused(provider, claims, async (wrong, header) =>
      await provider.post("/token", {
        grant_type: "client_credentials",
        client_id: "signer",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await signed(key, wrong, { kid: "1", ...header }),
      }));
  });

  await t.step("another server's assertion about a user", async () => {
    const right = { iss: idp, sub: "alice", aud: issuer, client_id: "wiki", ...times };
    const claims = wrongClaims(right, ["iss", "sub", "aud", "exp", "client_id"]);
    await allRefused(provider, claims, async (wrong, header) =>
      await provider.post("/token", {
        grant_type: jwtBearer,
        assertion: await signed(server, wrong, {
          kid: "idp-1",
          typ: "oauth-id-jag+jwt",
          ...header,
        }),
        ...provider.credentials("wiki"),
      }));
  });

  await t.step("a request to a user who is elsewhere", async () => {
    const right = requestClaims(provider);
    const claims = wrongClaims(right, ["iss", "aud", "exp"]);
    await allRefused(
      provider,
      claims,
      async (wrong, header) =>
        await provider.post("/backchannel_authentication", {
          request: await signed(key, wrong, { kid: "1", ...header }),
          ...provider.credentials("bank"),
        }),
    );
  });

  await t.step("a proof", async () => {
    const pair = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    const right = { jti: "two", htm: "POST", htu: `${issuer}/token`, iat: now };
    const claims = wrongClaims(right, ["htm", "htu", "iat"]);
    await allRefused(provider, claims, async (wrong, header) =>
      await provider.post(
        "/token",
        { grant_type: "client_credentials", ...await key.form(provider, "signer") },
        { dpop: await signed(pair, wrong, { typ: "dpop+jwt", jwk, ...header }) },
      ));
  });
});

const memberName = fc.oneof(
  fc.constantFrom(...Object.keys(members), "software_statement", "__proto__"),
  fc.string(),
);
const metadata = fc.dictionary(memberName, fc.jsonValue(), { maxKeys: 4, noNullPrototype: true });

/** Whether metadata register a client. If not, nothing lasts of it. @param also as `lasting` */
async function isRegistered(provider: TestProvider, sent: Claims, also: readonly string[] = []) {
  const before = await lasting(provider, also);
  const { status, body } = await register(provider, sent);
  assert(status === 201 || status === 400, `${status} ${JSON.stringify(sent)}`);
  if (status === 201) return true;
  assert(/^(invalid|unapproved)_[a-z_]+$/.test(body.error), body.error);
  assertEquals(changes(before, await lasting(provider, also)), []);
  return false;
}

Deno.test("metadata of any kind register a client or nothing, and an operator's claim rules hold or are refused", async () => {
  await using api = await anAdminApi({ config: { registration: "open", rateLimits: false } });
  const { provider } = api;
  const redirect_uris = ["https://app.example/callback"];
  let made = 0;
  await fc.assert(
    fc.asyncProperty(metadata, fc.boolean(), async (some, isMostlyRight) => {
      const sent = isMostlyRight ? { redirect_uris, ...some } : some;
      if (await isRegistered(provider, sent)) made++;
    }),
    { seed, numRuns },
  );
  assert(made > 0, "some were right");

  const rule = fc.dictionary(
    fc.constantFrom("claim", "as", "only", "prefix", "other"),
    fc.oneof(fc.string(), fc.constantFrom("email", "sub", "__proto__"), fc.jsonValue()),
    { noNullPrototype: true },
  );
  const rules = fc.oneof(fc.jsonValue(), fc.array(rule, { maxLength: 18 }));
  await fc.assert(
    fc.asyncProperty(rules, async (claim_rules) => {
      const { status } = await api.patch("/clients/shop", { claim_rules });
      assert(status === 200 || status === 422, `${status} ${JSON.stringify(claim_rules)}`);
    }),
    { seed, numRuns },
  );
});

Deno.test("a software statement of any claims registers a client or nothing", async () => {
  const pair = await aClientKey();
  const directory = "https://directory.example";
  const web = testWeb();
  web.publish(`${directory}/jwks`, JSON.stringify({ keys: [pair.publicJwk] }));
  const softwareStatementIssuers = { [directory]: `${directory}/jwks` };
  await using provider = await aProvider({
    transport: web,
    config: { registration: "open", softwareStatementIssuers, rateLimits: false },
  });
  const redirect_uris = ["https://app.example/callback"];
  let made = 0;
  await fc.assert(
    fc.asyncProperty(metadata, headers, async (some, header) => {
      const claims = { iss: directory, redirect_uris, ...some };
      const software_statement = await signedJwt(pair.privateKey, claims, {
        alg: "ES256",
        kid: "1",
        ...header,
      });
      const sent = { redirect_uris, software_statement };
      if (await isRegistered(provider, sent, ["issuer_keys"])) made++;
    }),
    { seed, numRuns },
  );
  assert(made > 0, "some were right");
});

Deno.test("a document of any kind at a client's URL gets a page and nothing else, and is not kept", async () => {
  const web = testWeb();
  await using provider = await aProvider({
    transport: web,
    config: { clientIdDocuments: { mode: "open", hosts: [] }, rateLimits: false },
  });
  const documents = fc.oneof(
    metadata.map((some) => JSON.stringify(some)),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
    fc.constantFrom("[".repeat(5000), `{"client_id":"${"x".repeat(6000)}"}`),
  );
  const before = await lasting(provider);
  let nth = 0;
  await fc.assert(
    fc.asyncProperty(documents, async (body) => {
      const client_id = `https://app.example/${nth++}`;
      web.publish(client_id, { headers: { "content-type": "application/json" }, body });
      const landing = await ask(provider, { parameters: { client_id } });
      assertEquals([landing.response.status, landing.url.origin], [400, issuer], body);
      assertEquals(changes(before, await lasting(provider)), []);
    }),
    { seed, numRuns },
  );
});
