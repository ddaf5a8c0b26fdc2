import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type GoodRequest, headerText } from "../support/bad_input.ts";
import {
  aFullProvider,
  assertHarmless,
  assertProtocolAnswer,
  changes,
  lasting,
  runs,
  seed,
} from "../support/harmless.ts";
import { codeVerifier } from "../support/provider.ts";
import { introspect, userinfo } from "../support/tokens.ts";

Deno.test("bad input at the client endpoints gets a protocol error and spends nothing", async (t) => {
  const { provider, code, refresh_token, access_token } = await aFullProvider();
  await using _ = provider;
  const credentials = provider.credentials("shop");
  const who = ["client_id", "client_secret"];
  const resource = "https://api.example";
  const requests: Record<string, GoodRequest> = {
    "/token with a code": {
      method: "POST",
      path: "/token",
      parameters: {
        grant_type: "authorization_code",
        code,
        redirect_uri: "https://shop.example/callback",
        code_verifier: codeVerifier,
        ...credentials,
      },
      essential: ["grant_type", "code", "code_verifier", ...who],
    },
    "/token with a refresh token": {
      method: "POST",
      path: "/token",
      parameters: { grant_type: "refresh_token", refresh_token, scope: "openid", ...credentials },
      essential: ["grant_type", "refresh_token", ...who],
    },
    "/token with a client's credentials": {
      method: "POST",
      path: "/token",
      parameters: {
        grant_type: "client_credentials",
        scope: "read",
        resource,
        ...provider.credentials("machine"),
      },
      essential: ["grant_type", ...who],
    },
    "/introspect": {
      method: "POST",
      path: "/introspect",
      parameters: { token: access_token, token_type_hint: "access_token", ...credentials },
      essential: ["token", ...who],
    },
    "/revoke": {
      method: "POST",
      path: "/revoke",
      parameters: { token: refresh_token, token_type_hint: "refresh_token", ...credentials },
      essential: ["token", ...who],
    },
    "/par": {
      method: "POST",
      path: "/par",
      parameters: {
        response_type: "code",
        redirect_uri: "https://shop.example/callback",
        scope: "openid",
        claims: "{}",
        max_age: "1",
        resource,
        ...credentials,
      },
      essential: [
        "response_type",
        "redirect_uri",
        "scope",
        "claims",
        "max_age",
        "resource",
        ...who,
      ],
    },
    "/userinfo by POST": {
      method: "POST",
      path: "/userinfo",
      parameters: { access_token },
      essential: ["access_token"],
    },
    "/userinfo by GET": {
      method: "GET",
      path: "/userinfo",
      parameters: { access_token },
      essential: ["access_token"],
    },
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.step(name, () => assertHarmless(provider, request));
  }

  await t.step("Authorization headers of every kind", async () => {
    const before = await lasting(provider);
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      code,
      token: refresh_token,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/token", "/introspect", "/revoke", "/par", "/userinfo"),
        fc.constantFrom("", "Basic ", "Bearer ", "DPoP "),
        fc.oneof(headerText, fc.base64String()),
        async (path, scheme, rest) => {
          const headers = { authorization: scheme + rest };
          await assertProtocolAnswer(
            await provider.request(path, { method: "POST", body, headers }),
          );
          assertEquals(changes(before, await lasting(provider)), []);
        },
      ),
      { seed, numRuns: runs },
    );
  });

  await t.step("afterwards the valid credentials still work", async () => {
    assertEquals((await userinfo(provider, access_token)).status, 200);
    assertEquals((await introspect(provider, access_token)).active, true);
    assertEquals((await provider.exchange(code)).status, 200);
    assertEquals((await provider.refresh(refresh_token)).status, 200);
  });
});
