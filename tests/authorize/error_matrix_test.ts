import { assert, assertEquals } from "@std/assert";
import { responseTypes } from "../../stores/response_types.ts";
import { carriesTokens } from "../../src/protocol/response_type.ts";
import { ask, outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { carried, opened } from "../support/authorization_answer.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";

const key = await aClientKey();
const all = {
  response_types: responseTypes,
  grant_types: ["authorization_code", "refresh_token", "implicit"],
  authorization_signed_response_alg: "ES256",
};
const clients = [
  aClient("shop", { ...all, skip_consent: true, jwks: { keys: [key.publicJwk] } }),
  aClient("asks", all),
  aClient("inner", { ...all, allowed_groups: ["staff"] }),
];
const config = { implicit: true };

/** Each way in which a response may travel: `carrier`, or `carrier.jwt`; "" leaves it out. */
const modes = ["", "query", "fragment", "form_post"].flatMap((carrier) => [
  carrier,
  [carrier, "jwt"].filter((part) => part !== "").join("."),
]);

interface Case {
  readonly error: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly client?: string;
  readonly isSignedOut?: boolean;
  /** Said on the consent page. */
  readonly decision?: string;
}

const unmet = JSON.stringify({ id_token: { acr: { essential: true, values: ["unknown"] } } });
const cases: readonly Case[] = [
  { error: "invalid_request", parameters: { prompt: "none login" } },
  { error: "invalid_request", parameters: { claims: "{" } },
  { error: "invalid_request", parameters: { code_challenge_method: "plain" } },
  { error: "invalid_request", parameters: { max_age: "-1" } },
  { error: "invalid_scope", parameters: { scope: "nothing" } },
  { error: "invalid_target", parameters: { resource: "https://nowhere.example" } },
  { error: "invalid_request_object", parameters: { request: "x" } },
  { error: "invalid_request_uri", parameters: { request_uri: "https://shop.example/r" } },
  { error: "registration_not_supported", parameters: { registration: "{}" } },
  {
    error: "invalid_authorization_details",
    parameters: { authorization_details: '[{"type":"nobody knows it"}]' },
  },
  { error: "unmet_authentication_requirements", parameters: { claims: unmet } },
  { error: "login_required", parameters: { prompt: "none" }, isSignedOut: true },
  { error: "login_required", parameters: { prompt: "none", max_age: "0" } },
  { error: "consent_required", parameters: { prompt: "none" }, client: "asks" },
  { error: "access_denied", parameters: {}, client: "asks", decision: "deny" },
  { error: "access_denied", parameters: { prompt: "none" }, client: "inner" },
];

Deno.test("each error of each response type travels in the response mode, and carries nothing else", async () => {
  await using provider = await aProvider({ clients, config });
  const browser = await signedInBrowser(provider);
  for (const response_type of responseTypes) {
    const inFront = carriesTokens(response_type);
    for (const mode of modes) {
      for (const { error, parameters, client = "shop", isSignedOut, decision } of cases) {
        const name = `${error}: ${response_type} ${mode} ${JSON.stringify(parameters)}`;
        const response_mode = mode === "" ? undefined : mode;
        const used = isSignedOut ? provider.browser() : browser;
        const sent = { response_type, response_mode, ...parameters };
        let landing = await ask(provider, { browser: used, client, parameters: sent });
        if (outcomeOf(landing) === "consent") {
          landing = await used.submit(landing, { decision: decision ?? "" });
        }
        const [carrier] = mode.split(".");
        const [way, told] = carried(landing);
        const isRefusedMode = inFront && carrier === "query";
        const usual = inFront ? "fragment" : "query";
        const isNamed = carrier === "query" || carrier === "fragment" || carrier === "form_post";
        assertEquals(way, isRefusedMode || !isNamed ? usual : carrier, name);
        const answer = await opened(provider, told, mode.endsWith("jwt"), client);
        // A request object is opened before the response mode is looked at.
        const isObject = "request" in parameters || "request_uri" in parameters;
        const expected = isRefusedMode && !isObject ? "invalid_request" : error;
        assertEquals(
          [answer.error, answer.state, answer.iss],
          [expected, "the-state", issuer],
          name,
        );
        const members = ["error", "error_description", "iss", "state"];
        assertEquals(Object.keys(answer).toSorted(), members, name);
      }
    }
  }
});

Deno.test("an error goes where the signed request says, whatever stands beside it", async () => {
  await using provider = await aProvider({ clients, config });
  const browser = await signedInBrowser(provider);
  const outside = { state: "outside", response_mode: "form_post", response_type: "code" };
  for (const response_type of responseTypes) {
    for (const carrier of ["query", "fragment", "form_post"]) {
      if (carriesTokens(response_type) && carrier === "query") continue;
      const claims = { response_type, response_mode: carrier, prompt: "none login" };
      const request = await signedObject(provider, key, { claims });
      const landing = await ask(provider, { browser, parameters: { ...outside, request } });
      const [way, told] = carried(landing);
      const name = `${response_type} ${carrier}`;
      assertEquals([way, told.error, told.state], [carrier, "invalid_request", "inside"], name);
    }
  }
});

Deno.test("before the redirect URI is known, no response type and no response mode takes an error off our page", async () => {
  await using provider = await aProvider({ clients, config });
  const browser = await signedInBrowser(provider);
  const unknown: [string, Record<string, string | undefined>][] = [
    ["invalid_request", { client_id: undefined }],
    ["invalid_client", { client_id: "stranger" }],
    ["invalid_request", { redirect_uri: undefined }],
    ["invalid_request", { redirect_uri: "https://evil.example/callback" }],
    ["invalid_request", { redirect_uri: "https://evil.example/callback", prompt: "none" }],
    ["invalid_request_object", { redirect_uri: undefined, request: "x" }],
    ["invalid_request_uri", {
      redirect_uri: "https://evil.example",
      request_uri: "urn:ietf:params:oauth:request_uri:x",
    }],
  ];
  for (const response_type of [...responseTypes, "token", "none", undefined]) {
    for (const mode of [...modes, "web_message"]) {
      for (const [error, parameters] of unknown) {
        const response_mode = mode === "" ? undefined : mode;
        const sent = { response_type, response_mode, ...parameters };
        const landing = await ask(provider, { browser, parameters: sent });
        const name = JSON.stringify(sent);
        assertEquals(outcomeOf(landing), `page ${error}`, name);
        assertEquals([landing.response.status, landing.url.pathname], [400, "/authorize"], name);
        assert(!landing.body.includes("<form"), name);
      }
    }
  }
});

Deno.test("a response type that the server or the client does not have is refused in the way that it asks for", async () => {
  const one = (id: string, response_types: string[], grant_types: string[]) =>
    aClient(id, { response_types, grant_types });
  const own = [
    one("code", ["code"], ["authorization_code"]),
    one("implicit", ["id_token"], ["implicit"]),
  ];
  const requests: [string, string, string][] = [
    ["code", "id_token", "unauthorized_client"],
    ["code", "code id_token token", "unauthorized_client"],
    ["implicit", "code", "unauthorized_client"],
    ["implicit", "code token", "unauthorized_client"],
    ["code", "token", "unsupported_response_type"],
    ["code", "code code", "unsupported_response_type"],
    ["code", "none", "unsupported_response_type"],
    ["code", "CODE", "unsupported_response_type"],
    ["implicit", "id_token token id_token", "unsupported_response_type"],
  ];
  await using provider = await aProvider({ clients: own, config });
  const browser = await signedInBrowser(provider);
  for (const [client, response_type, error] of requests) {
    for (const mode of modes) {
      const response_mode = mode === "" ? undefined : mode;
      const parameters = { response_type, response_mode };
      const [way, told] = carried(await ask(provider, { browser, client, parameters }));
      const answer = await opened(provider, told, mode.endsWith("jwt"), client);
      const name = `${client} ${response_type} ${mode}`;
      const isRefusedMode = carriesTokens(response_type) && mode.startsWith("query");
      assertEquals(answer.error, isRefusedMode ? "invalid_request" : error, name);
      if (carriesTokens(response_type)) assert(way !== "query", name);
    }
  }
});

Deno.test("a silent request that a limit refuses is answered in the response mode of the request", async () => {
  const limits = { ...defaultConfig.limits, authorize: { count: 1, seconds: 60 } };
  await using provider = await aProvider({
    clients,
    config: { ...config, rateLimits: true, limits },
  });
  const browser = await signedInBrowser(provider);
  for (const response_type of responseTypes) {
    for (const response_mode of modes.filter((mode) => /^(fragment|form_post)/.test(mode))) {
      const parameters = { response_type, response_mode, prompt: "none" };
      const [way, told] = carried(await ask(provider, { browser, parameters }));
      const answer = await opened(provider, told, response_mode.endsWith("jwt"));
      const name = `${response_type} ${response_mode}`;
      assertEquals(
        [way, answer.error],
        [response_mode.split(".")[0], "temporarily_unavailable"],
        name,
      );
    }
  }
});
