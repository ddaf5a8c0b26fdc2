import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { OAuthError } from "../../src/protocol/errors.ts";
import { insideParameters } from "../../src/protocol/inside_parameters.ts";
import { knownParameters } from "../../src/protocol/kept_parameters.ts";
import { aCallCentre, signedBackchannel } from "../support/backchannel.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { snapshotWithoutAudit } from "../support/records.ts";
import { unsignedObject } from "../support/request_object.ts";
import { runs } from "../support/harmless.ts";

const name = fc.oneof(fc.constantFrom(...knownParameters, "iss", "aud", "jti"), fc.string());

Deno.test("the parameters inside a request object are texts that this server knows, or it is refused", () => {
  fc.assert(fc.property(fc.dictionary(name, fc.jsonValue()), (claims) => {
    let found;
    try {
      found = insideParameters(claims);
    } catch (error) {
      assert(error instanceof OAuthError && error.code === "invalid_request_object");
      return;
    }
    for (const [key, value] of Object.entries(found)) {
      assert(knownParameters.has(key) && !["request", "request_uri"].includes(key));
      assert([value].flat().every((text) => typeof text === "string"));
      if (typeof claims[key] === "string") assertEquals(value, claims[key]);
    }
  }));
});

Deno.test("a signed request of any claims to a user elsewhere gets a protocol answer, and one that is refused stores nothing", async () => {
  const key = await aClientKey();
  const bank = aCallCentre("bank", {
    jwks: { keys: [key.publicJwk] },
    backchannel_authentication_request_signing_alg: "ES256",
  });
  await using provider = await aProvider({ clients: [bank] });
  const before = await snapshotWithoutAudit(provider.backend);
  const own = fc.constantFrom("login_hint", "requested_expiry", "binding_message", "exp", "nbf");
  // Its iss is always wrong, so whatever else it says, none is good.
  const claims = fc.dictionary(fc.oneof(name, own), fc.jsonValue(), { maxKeys: 4 })
    .map((some) => ({ ...some, iss: "other" }));
  const text = fc.tuple(fc.base64String(), fc.base64String(), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.oneof(claims, text.map((parts) => parts.join("."))), async (said) => {
      const request = typeof said === "string"
        ? said
        : await signedBackchannel(provider, key, { claims: said });
      const form = { request, ...provider.credentials("bank") };
      const answer = await provider.post("/backchannel_authentication", form);
      assertEquals([answer.status, (await answer.json()).error], [400, "invalid_request"]);
    }),
    { numRuns: runs },
  );
  assertEquals(await snapshotWithoutAudit(provider.backend), before);
});

Deno.test("a request object of any claims gets a protocol answer, and one that is refused stores nothing", async () => {
  const unsigned = aClient("shop", { request_object_signing_alg: "none", skip_consent: true });
  await using provider = await aProvider({ clients: [unsigned] });
  const before = await snapshotWithoutAudit(provider.backend);
  const claims = fc.dictionary(name, fc.jsonValue(), { minKeys: 1, maxKeys: 4 });
  const object = fc.oneof(
    claims.map((one) => unsignedObject(provider, { claims: one })),
    fc.string(),
    fc.tuple(fc.base64String(), fc.base64String(), fc.string()).map((parts) => parts.join(".")),
  );
  await fc.assert(
    fc.asyncProperty(object, async (request) => {
      const answer = await provider.post("/par", { request, ...provider.credentials() });
      const { error } = await answer.json();
      assert(answer.status === 201 || answer.status === 400, `${answer.status} ${error}`);
      if (answer.status === 201) return;
      assert(/^(invalid|unsupported)_[a-z_]+$/.test(error), error);
    }),
    { numRuns: runs },
  );
  const stored = await snapshotWithoutAudit(provider.backend);
  for (const key of stored.keys()) {
    assert(before.has(key) || /pushed_requests|request_object_jtis/.test(key), key);
  }
});
