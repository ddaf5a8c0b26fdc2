import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { grantableClaims, wantedPart } from "../../src/claims/claims.ts";
import { requestedClaims } from "../../src/claims/requested_claims.ts";
import { parseClaimsRequest } from "../../src/protocol/claims_request.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { allClaims, scopeClaims } from "../../src/protocol/scope_claims.ts";

const names = [
  "email",
  "name#de",
  "groups",
  "roles",
  "acr",
  "sub",
  "desk",
  "__proto__",
  "toString",
];
const request = fc.oneof(
  fc.constant(null),
  fc.record({
    essential: fc.boolean(),
    value: fc.jsonValue({ maxDepth: 2 }),
    values: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 3 }),
  }, { requiredKeys: [] }),
);
const place = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), request, {
  maxKeys: 8,
});
const asked = fc.record(
  { userinfo: place, id_token: place, other: fc.jsonValue({ maxDepth: 3 }) },
  {
    requiredKeys: [],
  },
);
const texts = fc.oneof(
  asked.map((one) => JSON.stringify(one)),
  fc.jsonValue().map((one) => JSON.stringify({ userinfo: one })),
  fc.json(),
  fc.string(),
);
const rules = [{ claim: "groups", as: "roles", only: null, prefix: null }];
const definitions = [
  { claim: "desk", type: "string", scope: "claims:hr", label: "Desk", changedBy: "user" },
] as const;

Deno.test("any claims parameter is refused or understood, and gives no claim of a scope that is not registered", () => {
  const scopes = [...Object.keys(scopeClaims), "claims:hr"];
  fc.assert(
    fc.property(texts, fc.subarray(scopes), (text, scope) => {
      let parsed;
      try {
        parsed = parseClaimsRequest(text);
      } catch (error) {
        assert(error instanceof OAuthError && error.code === "invalid_request");
        return;
      }
      const requested = requestedClaims({ claimRules: rules }, parsed);
      const granted = grantableClaims(requested, scope, definitions);
      const possible = scope.flatMap((name): readonly string[] =>
        name === "claims:hr" ? ["desk"] : Object.entries(scopeClaims)
          .flatMap(([of, claims]): readonly string[] => of === name ? claims : [])
      );
      const signIn = ["auth_time", "acr", "amr"];
      assert(granted.userinfo.every((name) => [...possible, ...signIn].includes(name)));
      assert(granted.idToken.every((name) => possible.includes(name)));
      for (const [at, values] of Object.entries(granted.values ?? {})) {
        const here = at === "userinfo" ? granted.userinfo : granted.idToken;
        assert(Object.keys(values).every((name) => here.includes(name)), at);
      }
      assertEquals(grantableClaims(granted, scope, definitions), granted, "it narrows once");
    }),
    { numRuns: 400 },
  );
});

Deno.test("a request gets no more of a value than the value, and no more than it named", () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.array(fc.constantFrom("a", "b", "c")));
  fc.assert(
    fc.property(value, fc.array(fc.oneof(value, fc.constantFrom("a", "b"))), (known, wanted) => {
      const part = wantedPart(known, wanted);
      if (part === undefined) return;
      const named = wanted.map((one) => JSON.stringify(one));
      if (JSON.stringify(part) === JSON.stringify(known) && !Array.isArray(known)) return;
      assert(Array.isArray(part) && Array.isArray(known));
      const whole = JSON.stringify(part) === JSON.stringify(known);
      assert(part.every((one) => known.includes(one)));
      assert(whole || part.every((one) => named.includes(JSON.stringify(one))));
    }),
  );
  assertEquals(allClaims.includes("groups"), true);
});
