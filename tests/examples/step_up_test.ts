import { assertEquals, assertThrows } from "@std/assert";
import { atLeast, stepUpChallenge } from "../../examples/step-up/step_up.js";
import { acrValues } from "../../src/protocol/acr.ts";
import { aProvider } from "../support/provider.ts";
import { introspect, signIn } from "../support/tokens.ts";

const two = "urn:latchkey:acr:2fa";

Deno.test("the example's order of acr values is the server's", () => {
  assertEquals(atLeast("urn:latchkey:acr:1fa"), [...acrValues]);
  assertEquals(atLeast("phr"), ["phr"]);
  assertThrows(() => atLeast("gold"), RangeError);
});

Deno.test("a token's sign-in is held to what is asked, and the challenge says all of it", () => {
  const now = 1000;
  const strong = { acr: "phr", auth_time: 990 };
  const demand = { acrValues: atLeast(two), maxAge: 60 };
  assertEquals(stepUpChallenge(strong, demand, { now }), null);
  assertEquals(stepUpChallenge({ acr: two, auth_time: 941 }, demand, { now }), null);
  assertEquals(
    stepUpChallenge({ ...strong, acr: "urn:latchkey:acr:1fa" }, demand, { now }),
    'Bearer error="insufficient_user_authentication", ' +
      'error_description="A stronger sign-in is needed", ' +
      'acr_values="urn:latchkey:acr:2fa phr", max_age="60"',
  );
  assertEquals(
    stepUpChallenge({ ...strong, auth_time: 940 }, { maxAge: 60 }, { now, scheme: "DPoP" }),
    'DPoP error="insufficient_user_authentication", ' +
      'error_description="A more recent sign-in is needed", max_age="60"',
  );
  // A token of a client that acts for itself carries neither.
  assertEquals(stepUpChallenge({}, { maxAge: 60 }, { now }) === null, false);
  assertEquals(stepUpChallenge({}, { acrValues: [two] }, { now }) === null, false);
  assertEquals(stepUpChallenge({}, {}, { now }), null);
});

Deno.test("introspection carries what the example looks at", async () => {
  await using provider = await aProvider();
  const { access_token } = await signIn(provider);
  const claims = await introspect(provider, access_token);
  const now = provider.clock.seconds();
  assertEquals(
    stepUpChallenge(claims, { acrValues: atLeast("urn:latchkey:acr:1fa") }, { now }),
    null,
  );
  assertEquals(stepUpChallenge(claims, { acrValues: atLeast(two) }, { now }) === null, false);
  assertEquals(stepUpChallenge(claims, { maxAge: 60 }, { now: now + 60 }) === null, false);
});
