import { assertEquals } from "@std/assert";
import {
  ciba,
  deviceCode,
  grantTypes,
  jwtBearer,
  tokenExchange,
} from "../../stores/grant_types.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { deliverPings } from "../../src/backchannel/deliver_pings.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { configure, register } from "../registration/registration.ts";
import { accountBrowser, rowFields } from "../support/account.ts";
import { signedBackchannel } from "../support/backchannel.ts";
import { carried } from "../support/authorization_answer.ts";
import type { Landing } from "../support/browser.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient, aKeyClient } from "../support/clients.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aDpopKey } from "../support/dpop.ts";
import { deviceSecretType, type DeviceTokens } from "../support/native_sso.ts";
import { alice, aProvider, codeChallenge, codeVerifier, issuer } from "../support/provider.ts";
import { signedObject } from "../support/request_object.ts";
import { accessTokenType, idTokenType } from "../support/token_exchange.ts";
import type { Tokens } from "../support/tokens.ts";
import { aTrustedIssuer } from "../support/trusted_issuer.ts";
import { pingReceiver } from "../support/ping_receiver.ts";

const api = { resource: "https://api.example", scopes: ["read"], access_token_format: "jwt" };
const stock = { resource: "https://stock.example", scopes: ["read"] };
const redirect_uri = "https://shop.example/callback";
const chat = "https://chat.example";

/**
 * Takes each step of a client once.
 *
 * @param isFull whether the client has everything that makes a step check more: a key of its own, DPoP,
 *   an API, sessions of whose end it is told, and signed requests
 * @returns for each step its round trips, and how many keys its commit checks
 */
async function everyStep(isFull: boolean): Promise<Record<string, string>> {
  const { calls, checks, wrap } = countedKv();
  const key = await aClientKey();
  const idp = await aTrustedIssuer();
  const members = {
    grant_types: grantTypes,
    response_types: responseTypes,
    redirect_uris: [redirect_uri],
    backchannel_token_delivery_mode: "ping",
    backchannel_client_notification_endpoint: "https://shop.example/ping",
    scope: "openid email offline_access device_sso read",
    native_sso: "acme",
    id_jag_audiences: [{ audience: chat, client_id: "at-chat" }],
    token_exchange: { subject_audiences: [], resources: [stock.resource] },
  };
  const told = {
    backchannel_logout_uri: "https://shop.example/backchannel",
    dpop_bound_access_tokens: true,
    introspection_signed_response_alg: "ES256",
    backchannel_authentication_request_signing_alg: "ES256",
    jwks: { keys: [key.publicJwk] },
  };
  const trusted = idp.trusted({ clients: ["shop"], usernameClaim: "sub" });
  const provider = await aProvider({
    clients: [isFull ? aKeyClient("shop", { ...members, ...told }) : aClient("shop", members)],
    resources: [api, stock],
    config: { implicit: true, registration: "open", trustedIssuers: [trusted], rateLimits: false },
    transport: pingReceiver(),
    wrap,
  });
  await using _ = provider;
  const proofs = await aDpopKey(provider);
  const found: Record<string, string> = {};

  /** Counts the calls of one step. */
  async function step<T>(name: string, work: () => Promise<T>, isPage = false): Promise<T> {
    calls.length = checks.length = 0;
    const result = await work();
    // What a page shows after the commit is a request of its own.
    const until = isPage ? calls.indexOf("commit") + 1 : calls.length;
    const checked = checks.slice(0, isPage ? 1 : checks.length);
    const counted = checked.length === 0 ? calls : [...calls.slice(0, until), Math.max(...checked)];
    found[name] = counted.join(" ");
    return result;
  }
  const credentials = async () =>
    isFull ? await key.form(provider, "shop") : provider.credentials("shop");
  /** A form as the client sends it. What it makes for that costs no round trip. */
  const send = async <T = Tokens>(name: string, path: string, form: Record<string, string>) => {
    const sent = { ...await credentials(), ...form };
    const headers = isFull ? { dpop: await proofs.proof({ path }) } : undefined;
    const response = await step(name, () => provider.post(path, sent, headers));
    const body = await response.text();
    assertEquals(response.status < 300, true, `${name}: ${body}`);
    return (body.startsWith("{") ? JSON.parse(body) : {}) as T;
  };
  const resource: Record<string, string> = isFull ? { resource: api.resource } : {};
  const scope = isFull ? "openid email offline_access read" : "openid email offline_access";

  const browser = await accountBrowser(provider);
  await provider.deps.signer.load(await provider.providerRecord()); // so that no step reads a key
  const request = {
    response_type: "code",
    client_id: "shop",
    redirect_uri,
    scope,
    state: "s",
    nonce: "n",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...resource,
  };
  const authorize = async (name: string, parameters: Record<string, string>) =>
    await step(
      name,
      async () => await browser.open(`/authorize?${new URLSearchParams(parameters)}`),
    );
  const codeOf = (landing: Landing) => carried(landing)[1].code ?? "";
  const redeem = (name: string, code: string) =>
    send<DeviceTokens>(name, "/token", {
      grant_type: "authorization_code",
      code,
      redirect_uri,
      code_verifier: codeVerifier,
    });
  const asked = await browser.open(`/authorize?${new URLSearchParams(request)}`);
  const allowed = await step("consent", () => browser.submit(asked, { decision: "allow" }));
  const first = await redeem("code exchange", codeOf(allowed));
  const { request_uri } = await send<{ request_uri: string }>("push", "/par", request);
  await authorize("authorize: pushed", { client_id: "shop", request_uri });
  if (isFull) {
    const claims = { ...request, jti: crypto.randomUUID() };
    const object = await signedObject(provider, key, { claims });
    const answer = await authorize("authorize: signed", { client_id: "shop", request: object });
    assertEquals(codeOf(answer) === "", false);
  }
  const hybrid = await authorize("authorize: tokens in front", {
    ...request,
    response_type: "code id_token",
    response_mode: "form_post.jwt",
  });
  assertEquals(carried(hybrid)[0], "form_post");
  const refreshed = await send("refresh", "/token", {
    grant_type: "refresh_token",
    refresh_token: first.refresh_token,
  });
  await send("introspection", "/introspect", { token: refreshed.access_token });

  const device = await send<{ user_code: string; device_code: string }>(
    "device: request",
    "/device_authorization",
    { scope, ...resource },
  );
  const poll = { grant_type: deviceCode, device_code: device.device_code };
  const { user_code } = device;
  const typing = await browser.open("/device");
  const typed = await step("device: user code", () => browser.submit(typing, { user_code }), true);
  await step("device: answer", () => browser.submit(typed, { decision: "allow" }), true);
  await send("device: tokens", "/token", poll);

  const toAsk = {
    scope,
    login_hint: alice.username,
    binding_message: "4711",
    client_notification_token: "a-long-enough-token",
    ...resource,
  };
  const signedToAsk = { client: "shop", claims: toAsk };
  const begun = await send<{ auth_req_id: string }>(
    "CIBA: request",
    "/backchannel_authentication",
    isFull ? { request: await signedBackchannel(provider, key, signedToAsk) } : toAsk,
  );
  const page = await step("CIBA: page", () => browser.open("/account/requests"));
  const row = rowFields(page.body).find(({ told }) => told !== undefined);
  await step("CIBA: answer", () => browser.submit(page, { ...row, decision: "allow" }), true);
  await step("CIBA: ping", () => deliverPings(provider.deps));
  const { auth_req_id } = begun;
  await send("CIBA: tokens", "/token", { grant_type: ciba, auth_req_id });

  const actor: Record<string, string> = isFull
    ? {
      actor_token: (await send("client credentials", "/token", {
        grant_type: "client_credentials",
        scope: "read",
        ...resource,
      })).access_token,
      actor_token_type: accessTokenType,
    }
    : {};
  const exchange = { grant_type: tokenExchange, subject_token_type: accessTokenType };
  const target: Record<string, string> = isFull ? { resource: stock.resource } : {};
  await send("token exchange", "/token", {
    ...exchange,
    ...actor,
    subject_token: refreshed.access_token,
    scope: isFull ? "read" : "openid",
    ...target,
  });
  await send("ID-JAG", "/token", {
    ...exchange,
    subject_token: first.id_token,
    subject_token_type: idTokenType,
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: chat,
  });
  const sharing = { ...request, scope: `${scope} device_sso`, prompt: "consent" };
  const question = await browser.open(`/authorize?${new URLSearchParams(sharing)}`);
  const answer = await browser.submit(question, { decision: "allow" });
  const onDevice = await redeem("code exchange with a device secret", codeOf(answer));
  await send("shared sign-in", "/token", {
    ...exchange,
    audience: issuer,
    subject_token: onDevice.id_token,
    subject_token_type: idTokenType,
    actor_token: onDevice.device_secret ?? "",
    actor_token_type: deviceSecretType,
    scope,
    ...resource,
  });
  const assertion = await idp.idJag(provider, { client_id: "shop", scope });
  await send("JWT bearer", "/token", {
    grant_type: jwtBearer,
    assertion,
    scope: isFull ? "read" : "openid",
    ...resource,
  });
  await send("revocation", "/revoke", { token: refreshed.refresh_token });

  const { body: made } = await step("registration", () => register(provider));
  const { registration_client_uri: uri, client_id } = made;
  let token = made.registration_access_token;
  const body = { client_id, redirect_uris: ["https://new.example/2"] };
  for (const method of ["GET", "PUT", "DELETE"] as const) {
    const sent = { uri, token, ...(method === "PUT" ? { body } : {}) };
    const answer = await step(`registration: ${method}`, () => configure(provider, method, sent));
    assertEquals(answer.status < 300, true, JSON.stringify(answer.body));
    token = answer.body.registration_access_token ?? token;
  }

  await step("end of a session", () => browser.send("/session", { method: "DELETE" }));
  await step("telling of it", () => tellOfLogouts(provider.deps));
  return found;
}

/** Each step of a plain client and of one with everything: its round trips, then its checks. */
const steps: Readonly<Record<string, readonly [string | null, string]>> = {
  "consent": ["read read commit 6", "read read commit 6"],
  "code exchange": ["read read commit 5", "read read commit 8"],
  "push": ["read commit 2", "read commit 4"],
  "authorize: pushed": ["read commit 6", "read read commit 6"],
  "authorize: signed": [null, "read read read commit 6"],
  "authorize: tokens in front": ["read commit 5", "read commit 5"],
  "refresh": ["read read commit 5", "read read commit 7"],
  "introspection": ["read read", "read read commit 7"],
  "device: request": ["read commit 3", "read commit 5"],
  "device: user code": ["read read read commit 3", "read read read commit 3"],
  "device: answer": ["read read commit 7", "read read commit 7"],
  "device: tokens": ["read read commit 5", "read read commit 8"],
  "CIBA: request": ["read read commit 3", "read read read commit 6"],
  "CIBA: page": ["read list read read", "read list read read read"],
  "CIBA: answer": ["read read read read commit 6", "read read read read read commit 6"],
  "CIBA: ping": ["list read commit read commit list 3", "list read commit read commit list 3"],
  "CIBA: tokens": ["read read commit 5", "read read commit 8"],
  "client credentials": [null, "read commit 4"],
  "token exchange": ["read read commit 5", "read read read read commit 7"],
  "ID-JAG": ["read read read commit 4", "read read read commit 6"],
  "JWT bearer": ["read read commit 5", "read read commit 7"],
  "code exchange with a device secret": ["read read read commit 6", "read read commit 8"],
  "shared sign-in": ["read read read commit 5", "read read read commit 7"],
  "revocation": ["read commit 3", "read commit 4"],
  "registration": ["commit 1", "commit 1"],
  "registration: GET": ["read commit 1", "read commit 1"],
  "registration: PUT": ["read commit 1", "read commit 1"],
  "registration: DELETE": ["read commit 1", "read commit 1"],
  "end of a session": ["read commit 3", "read commit 3"],
  "telling of it": [
    "list list read list read commit list 1",
    "list list read list read read commit read list read commit list read commit read commit list 4",
  ],
};

Deno.test("each step costs its round trips, and none of the fullest client checks over nine keys", async () => {
  const [plain, full] = [await everyStep(false), await everyStep(true)];
  for (const [name, [ofPlain, ofFull]] of Object.entries(steps)) {
    assertEquals([plain[name] ?? null, full[name]], [ofPlain, ofFull], name);
    assertEquals(Number(/\d+$/.exec(ofFull)?.[0] ?? 0) <= kvLimits.checks - 1, true, name);
  }
  assertEquals(Object.keys(full).toSorted(), Object.keys(steps).toSorted());
});
