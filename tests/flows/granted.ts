import { assertEquals } from "@std/assert";
import { ciba, deviceCode, grantTypes } from "../../stores/grant_types.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { type AdminApi, anAdminApi } from "../admin/api.ts";
import { publicationLead } from "../../src/keys/key_rotation.ts";
import { accountBrowser, rowFields } from "../support/account.ts";
import { ask } from "../support/authorization.ts";
import { carried } from "../support/authorization_answer.ts";
import type { Browser } from "../support/browser.ts";
import { aCertificate, behindProxy, type TestCertificate } from "../support/certificate.ts";
import { aClient, type ClientEntry } from "../support/clients.ts";
import { answerDevice } from "../support/devices.ts";
import { aDpopKey, type DpopKey } from "../support/dpop.ts";
import { alice, codeVerifier, issuer, type TestProvider } from "../support/provider.ts";
import { deviceSecretType, type DeviceTokens } from "../support/native_sso.ts";
import { editUser } from "../support/records.ts";
import { accessTokenType, grantType, idTokenType } from "../support/token_exchange.ts";
import { answerOf, bodyOf, tokensOf } from "../support/tokens.ts";
import { aTrustedIssuer, jwtBearer, type TestIssuer } from "../support/trusted_issuer.ts";

/** How the tokens of a client are bound. Each is the name of a client, too. */
export const constraints = ["none", "dpop", "mtls"] as const;
export type Constraint = (typeof constraints)[number];

const bound: Readonly<Record<Constraint, Record<string, unknown>>> = {
  none: {},
  dpop: { dpop_bound_access_tokens: true },
  mtls: { tls_client_certificate_bound_access_tokens: true },
};
const chat = "https://chat.example";
const resource = "https://api.example/";
const scope = "openid email";

/** A client with every grant type, in a group's hands only. */
function aClientOfAll(constraint: Constraint): ClientEntry {
  return aClient(constraint, {
    ...bound[constraint],
    grant_types: grantTypes,
    response_types: responseTypes,
    backchannel_token_delivery_mode: "poll",
    scope: "openid email offline_access device_sso read",
    native_sso: "acme",
    id_jag_audiences: [{ audience: chat, client_id: "at-chat" }],
    allowed_groups: ["staff"],
  });
}

/** A client's side: it proves its key or shows its certificate wherever it must. */
export interface Party {
  readonly constraint: Constraint;
  token(form: Readonly<Record<string, string>>): Promise<Response>;
  /** The same for somebody who has all but the key or the certificate. */
  stolenToken(form: Readonly<Record<string, string>>): Promise<Response>;
  userinfo(accessToken: string): Promise<Response>;
  /** Userinfo for somebody who has only the token. */
  stolen(accessToken: string): Promise<Response>;
}

function party(
  provider: TestProvider,
  constraint: Constraint,
  { key, certificate }: { readonly key: DpopKey; readonly certificate: TestCertificate },
): Party {
  const headersFor = async (method: string, path: string, accessToken?: string) => {
    if (constraint === "mtls") return certificate.header;
    if (constraint === "none") return {};
    return { dpop: await key.proof({ method, path, ...(accessToken && { accessToken }) }) };
  };
  const scheme = constraint === "dpop" ? "DPoP" : "Bearer";
  return {
    constraint,
    token: async (form) =>
      await provider.post(
        "/token",
        { ...provider.credentials(constraint), ...form },
        await headersFor("POST", "/token"),
      ),
    stolenToken: (form) =>
      provider.post("/token", { ...provider.credentials(constraint), ...form }),
    userinfo: async (accessToken) => {
      const authorization = `${scheme} ${accessToken}`;
      const proven = await headersFor("GET", "/userinfo", accessToken);
      return await provider.request("/userinfo", { headers: { authorization, ...proven } });
    },
    stolen: (accessToken) =>
      provider.request("/userinfo", { headers: { authorization: `${scheme} ${accessToken}` } }),
  };
}

/** What one client holds of each grant type: used once, or ready to be used. */
export interface Held {
  readonly party: Party;
  /** Access tokens for userinfo, by the grant type that gave them. */
  readonly accessTokens: Readonly<Record<string, string>>;
  /** For the client itself. */
  readonly ownToken: string;
  /** Forms for the token endpoint that nobody has sent yet. */
  readonly requests: Readonly<Record<string, Record<string, string>>>;
}

export interface World extends AsyncDisposable {
  readonly api: AdminApi;
  /** In which the user is signed in, and has allowed everything. */
  readonly browser: Browser;
  readonly held: readonly Held[];
}

/** A user, and clients that have got something from each grant type. */
export async function everyGrant(): Promise<World> {
  const idp = await aTrustedIssuer();
  const trusted = idp.trusted({ clients: [...constraints], usernameClaim: "sub" });
  const api = await anAdminApi({
    clients: [...constraints.map(aClientOfAll), aClient("watch")],
    resources: [{ resource, scopes: ["read"], introspection_clients: ["watch"] }],
    config: { implicit: true, trustedIssuers: [trusted], ...behindProxy },
  });
  const { provider } = api;
  provider.clock.advance(publicationLead); // so that keys can be rotated
  await editUser(provider, alice.username, { groups: ["staff"] });
  const browser = await accountBrowser(provider);
  const own = { key: await aDpopKey(provider), certificate: await aCertificate() };
  const held: Held[] = [];
  for (const constraint of constraints) {
    held.push(await holdings(provider, browser, idp, party(provider, constraint, own)));
  }
  return { api, browser, held, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

async function holdings(
  provider: TestProvider,
  browser: Browser,
  idp: TestIssuer,
  own: Party,
): Promise<Held> {
  const client = own.constraint;
  const redirect_uri = `https://${client}.example/callback`;
  const codeForm = async (parameters: Record<string, string>) => {
    const landing = await ask(provider, { browser, client, parameters });
    const told = landing.url.pathname === "/consent"
      ? await browser.submit(landing, { decision: "allow" })
      : landing;
    const [, answer] = carried(told);
    const grant_type = "authorization_code";
    return {
      form: { grant_type, code: answer.code ?? "", redirect_uri, code_verifier: codeVerifier },
      answer,
    };
  };
  const tokens = async (form: Record<string, string>) => await tokensOf(await own.token(form));
  const offline = `${scope} offline_access`;
  const device = async (answer: boolean, asked = scope) => {
    const form = { ...provider.credentials(client), scope: asked };
    const begun = await bodyOf<{ user_code: string; device_code: string }>(
      await provider.post("/device_authorization", form),
    );
    if (answer) await answerDevice(browser, begun.user_code);
    return { grant_type: deviceCode, device_code: begun.device_code };
  };
  const elsewhere = async (answer: boolean, asked = scope) => {
    const form = { ...provider.credentials(client), scope: asked, login_hint: alice.username };
    const { auth_req_id } = await bodyOf<{ auth_req_id: string }>(
      await provider.post("/backchannel_authentication", form),
    );
    if (answer) {
      const page = await browser.open("/account/requests");
      const own = rowFields(page.body).find(({ id }) => id === auth_req_id.split(".")[0]);
      await browser.submit(page, { ...own, decision: "allow" });
    }
    return { grant_type: ciba, auth_req_id };
  };
  const asserted = async () => ({
    grant_type: jwtBearer,
    assertion: await idp.idJag(provider, { client_id: client, scope }),
  });
  const code = await tokens((await codeForm({ scope: offline })).form);
  const online = await tokens((await codeForm({ scope })).form);
  const onDevice: DeviceTokens = await tokens(
    (await codeForm({ scope: `${scope} device_sso` })).form,
  );
  const byDevice = await tokens(await device(true, offline));
  const byRequest = await tokens(await elsewhere(true, offline));
  const subject = {
    grant_type: grantType,
    subject_token: online.access_token,
    subject_token_type: accessTokenType,
    scope,
  };
  const exchanged = await tokens(subject);
  const byAssertion = await tokens(await asserted());
  const self = { grant_type: "client_credentials", scope: "read", resource };
  // A token in the redirect cannot be bound to anything.
  const response_type = client === "none" ? "code id_token token" : "code id_token";
  const hybrid = await codeForm({ response_type, scope });
  const refresh = (refresh_token: string) => ({ grant_type: "refresh_token", refresh_token });
  const idJag = (subject_token: string) => ({
    grant_type: grantType,
    subject_token,
    subject_token_type: idTokenType,
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: chat,
  });
  return {
    party: own,
    accessTokens: {
      authorization_code: online.access_token,
      refresh_token: (await tokens(refresh(code.refresh_token))).access_token,
      device_code: byDevice.access_token,
      ciba: byRequest.access_token,
      token_exchange: exchanged.access_token,
      jwt_bearer: byAssertion.access_token,
      ...(client === "none" && { implicit: hybrid.answer.access_token ?? "" }),
    },
    ownToken: (await tokens(self)).access_token,
    requests: {
      "a code": (await codeForm({ scope })).form,
      "a code beside tokens": hybrid.form,
      "a refresh token": refresh(
        (await tokens((await codeForm({ scope: offline })).form)).refresh_token,
      ),
      "a refresh token of a device": refresh(byDevice.refresh_token),
      "a refresh token of a request": refresh(byRequest.refresh_token),
      "a device that was allowed": await device(true),
      "a device that waits": await device(false),
      "a request that was allowed": await elsewhere(true),
      "a request that waits": await elsewhere(false),
      "an exchange": subject,
      "an ID-JAG": idJag(online.id_token),
      "an ID-JAG of offline access": idJag(code.id_token),
      "a shared sign-in": {
        grant_type: grantType,
        audience: issuer,
        subject_token: onDevice.id_token,
        subject_token_type: idTokenType,
        actor_token: onDevice.device_secret ?? "",
        actor_token_type: deviceSecretType,
        scope,
      },
      "an assertion": await asserted(),
      "the client itself": self,
    },
  };
}

/** What each thing of a client answers now, in words: `good`, or status and error. */
export async function answersOf({ api }: World, { party, ...held }: Held) {
  const answers: Record<string, string> = {};
  const told = async (response: Response) => {
    const answer = await answerOf(response);
    return answer === "200" ? "good" : answer;
  };
  for (const [name, token] of Object.entries(held.accessTokens)) {
    answers[`token of ${name}`] = await told(await party.userinfo(token));
    const stolen = await told(await party.stolen(token));
    const isBearer = party.constraint === "none";
    assertEquals(stolen === "good", isBearer && answers[`token of ${name}`] === "good", name);
  }
  const { provider } = api;
  const form = { token: held.ownToken, ...provider.credentials("watch") };
  const { active } = await bodyOf<{ active: boolean }>(await provider.post("/introspect", form));
  answers["token of client_credentials"] = active ? "good" : "inactive";
  for (const [name, request] of Object.entries(held.requests)) {
    if (party.constraint !== "none") {
      // It uses nothing up, as the next line shows.
      const stolen = await party.stolenToken(request);
      assertEquals(stolen.status >= 400, true, `${name}: ${await stolen.text()}`);
    }
    answers[name] = await told(await party.token(request));
  }
  return answers;
}
