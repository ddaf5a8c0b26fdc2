import { assertEquals } from "@std/assert";
import { responseTypes } from "../../stores/response_types.ts";
import { ask, outcomeOf, signedInBrowser, toldTo } from "../support/authorization.ts";
import { aClientKey } from "../support/client_assertion.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { auditTrail, snapshot } from "../support/records.ts";
import { testWeb } from "../support/web.ts";

const jwks_uri = "https://shop.example/jwks";
const resources = ["https://one.example", "https://two.example"];

/** Requests that pass all checks, and fail where their tokens are made. */
const late: Readonly<
  Record<string, { readonly parameters: Record<string, string>; readonly several?: boolean }>
> = {
  "an access token for two resources": {
    parameters: { response_type: "code token", scope: "openid read" },
    several: true,
  },
  "an access token and an ID token for two resources": {
    parameters: { response_type: "code id_token token", scope: "openid read" },
    several: true,
  },
  "an ID token that cannot be encrypted": { parameters: { response_type: "code id_token" } },
  "an ID token alone that cannot be encrypted": { parameters: { response_type: "id_token" } },
  "an ID token and an access token, of which one is made": {
    parameters: { response_type: "id_token token" },
  },
  "a response with a code that cannot be encrypted": { parameters: { response_mode: "jwt" } },
};

Deno.test("a request that is refused while its tokens are made leaves nothing but the spent request", async () => {
  const web = testWeb();
  const { publicJwk } = await aClientKey();
  web.publish(jwks_uri, JSON.stringify({ keys: [{ ...publicJwk, use: "sig" }] }));
  await using provider = await aProvider({
    clients: [
      aClient("shop", {
        response_types: responseTypes,
        scope: "openid profile email read",
        resources,
        jwks_uri,
        id_token_encrypted_response_alg: "ECDH-ES",
        authorization_encrypted_response_alg: "ECDH-ES",
      }),
    ],
    resources: resources.map((resource) => ({ resource, scopes: ["read"] })),
    transport: web,
    config: { implicit: true },
  });
  const browser = await signedInBrowser(provider);
  const stored = async () => {
    const found = await snapshot(provider.backend, ["client_keys", "step_markers"]);
    return [...found].map(([key, value]): [string, string] => [key, Deno.inspect(value)]);
  };
  for (const [what, { parameters, several = false }] of Object.entries(late)) {
    const url = provider.authorizeUrl({ parameters: { ...parameters, prompt: "consent" } }) +
      (several ? resources.map((one) => `&resource=${encodeURIComponent(one)}`).join("") : "");
    const pushed = await provider.post("/par", {
      ...Object.fromEntries(new URLSearchParams(url.split("?")[1])),
      ...provider.credentials(),
    });
    const { request_uri = "" } = await pushed.json();
    const reference = `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
    const ways = { plain: url, "by reference": several ? null : reference };
    for (const [way, target] of Object.entries(ways)) {
      if (target === null) continue; // a list is sent as it is
      let page = await browser.open(target);
      const before = new Map(await stored());
      const eventsBefore = (await auditTrail(provider)).length;
      assertEquals(outcomeOf(page), "consent", what);
      page = await browser.submit(page, { decision: "allow" });
      const name = `${what}, ${way}`;
      const outcome = page.url.origin === "https://op.example"
        ? outcomeOf(page)
        : `error ${toldTo(page).error}`;
      assertEquals(outcome.split(" ").at(-1), several ? "invalid_target" : "invalid_request", name);
      const changed = (await stored()).filter(([key, value]) => before.get(key) !== value)
        .map(([key]) => String(JSON.parse(key)[0])).filter((family) =>
          !family.startsWith("audit_")
        );
      const spent = way === "plain" ? ["interactions"] : ["interactions", "pushed_requests"];
      assertEquals(changed, spent, name);
      const events = (await auditTrail(provider)).slice(eventsBefore).map(({ type }) => type);
      assertEquals(events.filter((type) => type !== "authorization_refused"), [], name);
    }
  }
  assertEquals(outcomeOf(await ask(provider, { browser, parameters: { prompt: "none" } })), "code");
});
