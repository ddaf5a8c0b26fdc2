import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { responseTypes } from "../../stores/response_types.ts";
import { ask, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { carried, opened, verified } from "../support/authorization_answer.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { auditTrail } from "../support/records.ts";
import { answerOf, introspect, userinfo } from "../support/tokens.ts";

const modes = ["query", "fragment", "form_post"] as const;
const everything = { skip_consent: true, response_types: responseTypes };
const implicit = { implicit: true };

function halfHash(text: string, alg = "sha256"): string {
  const hash = createHash(alg).update(text).digest();
  return hash.subarray(0, hash.length / 2).toString("base64url");
}

async function answer(
  browser: Browser,
  provider: TestProvider,
  parameters: Record<string, string | undefined>,
) {
  return carried(await ask(provider, { browser, parameters }));
}

Deno.test("each response type in each response mode: what is asked for is in the answer, and nothing else", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { ...everything, authorization_signed_response_alg: "ES256" })],
    config: implicit,
  });
  const browser = await signedInBrowser(provider);
  for (const response_type of responseTypes) {
    const has = (word: string) => response_type.split(" ").includes(word);
    const inFront = has("token") || has("id_token");
    for (const carrier of [...modes, ""] as const) {
      for (const suffix of ["", "jwt"]) {
        const response_mode = [carrier, suffix].filter((part) => part !== "").join(".");
        const name = `${response_type} ${response_mode}`;
        const usual = inFront ? "fragment" : "query";
        const expected = carrier === "" ? usual : carrier;
        const sent = { response_type, response_mode: response_mode || undefined };
        const [found, parameters] = await answer(browser, provider, sent);
        const told = await opened(provider, parameters, suffix === "jwt");
        // An error goes the same way.
        const [way, refused] = await answer(browser, provider, { ...sent, prompt: "none login" });
        const error = await opened(provider, refused, suffix === "jwt");
        assertEquals([error.error, error.state, error.iss], [
          "invalid_request",
          "the-state",
          issuer,
        ], name);
        if (inFront && carrier === "query") {
          assertEquals([found, way, told.error], ["fragment", "fragment", "invalid_request"], name);
          assert(!("code" in told), name);
          continue;
        }
        assertEquals([found, way], [expected, expected], name);
        assertEquals([told.iss, told.state], [issuer, "the-state"], name);
        assertEquals("code" in told, has("code"), name);
        assertEquals("access_token" in told, has("token"), name);
        assertEquals("id_token" in told, has("id_token"), name);
        assert("session_state" in told, name);
        const members = has("token") ? ["access_token", "expires_in", "scope", "token_type"] : [];
        const others = ["code", "id_token", "iss", "session_state", "state"].filter((one) =>
          one in told
        );
        assertEquals(Object.keys(told).toSorted(), [...members, ...others].toSorted(), name);
      }
    }
  }
});

Deno.test("tokens that go through the browser are bound to each other, and work", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", everything)],
    config: implicit,
  });
  const browser = await signedInBrowser(provider);
  const response_type = "code id_token token";
  const [, hybrid] = await answer(browser, provider, { response_type });
  const claims = await verified(provider, hybrid.id_token ?? "");
  assertEquals(claims.c_hash, halfHash(hybrid.code ?? ""));
  assertEquals(claims.at_hash, halfHash(hybrid.access_token ?? ""));
  assertEquals(claims.s_hash, halfHash("the-state"));
  const document = await (await provider.request("/.well-known/openid-configuration")).json();
  const hashes = document.claims_supported.filter((name: string) => name.endsWith("_hash"));
  assertEquals(hashes, ["at_hash", "ds_hash", "c_hash", "s_hash"]);
  assertEquals([claims.nonce, claims.name], ["the-nonce", undefined]);
  const told = await userinfo(provider, hybrid.access_token ?? "");
  assertEquals([told.status, (await told.json()).sub], [200, claims.sub]);
  const seen = await introspect(provider, hybrid.access_token ?? "");
  assertEquals([seen.active, seen.scope], [true, "openid profile email"]);
  // The code gives a refresh token, and its replay ends the front token too.
  const exchanged = await provider.exchange(hybrid.code ?? "");
  assertEquals(exchanged.status, 200);
  const second = await exchanged.json();
  const later = await verified(provider, second.id_token);
  // The state is of the answer of the browser alone.
  assertEquals([later.sub, later.s_hash], [claims.sub, undefined]);
  assertEquals((await provider.exchange(hybrid.code ?? "")).status, 400);
  assertEquals((await userinfo(provider, hybrid.access_token ?? "")).status, 401);

  const [, alone] = await answer(browser, provider, { response_type: "id_token" });
  const only = await verified(provider, alone.id_token ?? "");
  assertEquals([only.name, only.at_hash, only.c_hash], ["Alice Adams", undefined, undefined]);
  const [, pair] = await answer(browser, provider, { response_type: "token id_token" });
  const beside = await verified(provider, pair.id_token ?? "");
  assertEquals([beside.at_hash, beside.name], [halfHash(pair.access_token ?? ""), undefined]);
  const states: [state: string | undefined, expected: string | undefined][] = [
    [undefined, undefined],
    ["\u00fc \u{1f511}", halfHash("\u00fc \u{1f511}")],
    ["x".repeat(2000), halfHash("x".repeat(2000))],
  ];
  for (const [state, expected] of states) {
    const [, told] = await answer(browser, provider, { response_type: "id_token", state });
    const { s_hash } = await verified(provider, told.id_token ?? "");
    assertEquals([told.state, s_hash], [state, expected]);
  }
  const [, codeToken] = await answer(browser, provider, {
    response_type: "code token",
    nonce: undefined,
    scope: "openid offline_access",
  });
  assertEquals(codeToken.token_type, "Bearer");
  const types = (await auditTrail(provider)).filter(({ type }) => type === "front_channel_issued");
  const issued = [
    "code id_token token",
    "code token",
    ...Array(4).fill("id_token"),
    "id_token token",
  ];
  assertEquals(types.map(({ reason }) => String(reason)).toSorted(), issued);
});

Deno.test("no token goes through the browser unless the operator, the client and the request allow it", async () => {
  const clients = [
    aClient("shop", { skip_consent: true }),
    aClient("all", everything),
    aClient("spa", {
      ...everything,
      grant_types: ["implicit"],
      response_types: ["id_token"],
      require_pkce: false,
    }),
    aClient("bound", { ...everything, dpop_bound_access_tokens: true }),
  ];
  const cases: [string, Record<string, string | undefined>, string, string][] = [
    [
      "shop",
      { response_type: "code id_token" },
      "unauthorized_client",
      "unsupported_response_type",
    ],
    ["all", { response_type: "code id_token" }, "ok", "unsupported_response_type"],
    [
      "all",
      { response_type: "id_token", nonce: undefined },
      "invalid_request",
      "unsupported_response_type",
    ],
    [
      "all",
      { response_type: "id_token", scope: "profile" },
      "invalid_scope",
      "unsupported_response_type",
    ],
    [
      "all",
      {
        response_type: "code id_token",
        code_challenge: undefined,
        code_challenge_method: undefined,
      },
      "invalid_request",
      "unsupported_response_type",
    ],
    ["all", { response_type: "token" }, "unsupported_response_type", "unsupported_response_type"],
    [
      "all",
      { response_type: "id_token id_token" },
      "unsupported_response_type",
      "unsupported_response_type",
    ],
    [
      "all",
      { response_type: "none id_token" },
      "unsupported_response_type",
      "unsupported_response_type",
    ],
    [
      "spa",
      { response_type: "id_token", code_challenge: undefined, code_challenge_method: undefined },
      "ok",
      "unsupported_response_type",
    ],
    ["spa", { response_type: "code" }, "unauthorized_client", "unauthorized_client"],
    [
      "spa",
      { response_type: "id_token token" },
      "unauthorized_client",
      "unsupported_response_type",
    ],
    ["bound", { response_type: "id_token token" }, "invalid_request", "unsupported_response_type"],
    ["bound", { response_type: "code id_token" }, "ok", "unsupported_response_type"],
  ];
  for (const isOn of [true, false]) {
    await using provider = await aProvider({ clients, config: { implicit: isOn } });
    const browser = await signedInBrowser(provider);
    for (const [client, parameters, on, off] of cases) {
      const name = `${client} ${JSON.stringify(parameters)} ${isOn}`;
      const landing = await ask(provider, { browser, client, parameters });
      const [carrier, told] = carried(landing);
      assertEquals(told.error ?? "ok", isOn ? on : off, name);
      if (parameters.response_type !== "code") assertEquals(carrier, "fragment", name);
    }
    const found = await provider.request("/.well-known/openid-configuration");
    const { response_types_supported, grant_types_supported } = await found.json();
    assertEquals(response_types_supported, isOn ? [...responseTypes] : ["code"]);
    assertEquals(grant_types_supported.includes("implicit"), isOn);
    const form = { grant_type: "implicit", ...provider.credentials("all") };
    assertEquals(await answerOf(await provider.post("/token", form)), "400 unsupported_grant_type");
  }
});

Deno.test("a user who comes from a page gets tokens once: submitting again does not issue them again", async () => {
  await using provider = await aProvider({
    clients: [aClient("shop", { response_types: responseTypes })],
    config: implicit,
  });
  const browser = await signedInBrowser(provider);
  const parameters = { response_type: "code id_token", prompt: "consent" };
  const page = await ask(provider, { browser, parameters });
  assertEquals(outcomeOf(page), "consent");
  const [carrier, told] = carried(await browser.submit(page, { decision: "allow" }));
  assertEquals([carrier, "id_token" in told], ["fragment", true]);
  const again = await browser.submit(page, { decision: "allow" });
  assertEquals(outcomeOf(again), "page invalid_request");
  const denied = await ask(provider, { browser, parameters });
  const [way, error] = carried(await browser.submit(denied, { decision: "deny" }));
  assertEquals([way, error.error], ["fragment", "access_denied"]);
});
