import { assert, assertEquals } from "@std/assert";
import { plainApp } from "../../routes/plain_app.ts";
import { plainEndpoint } from "../../routes/plain_endpoint.ts";
import { plainEndpoints } from "../../routes/protocol/index.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { aDpopKey } from "../support/dpop.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { aClient } from "../support/clients.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { deviceGrant } from "../support/devices.ts";
import { tokensOf } from "../support/tokens.ts";

/** A request that each endpoint accepts; the token of userinfo comes from a sign-in. */
async function acceptedRequests(provider: TestProvider): Promise<Record<string, RequestInit>> {
  const authorize = Object.fromEntries(
    new URLSearchParams(provider.authorizeUrl().split("?")[1]),
  );
  const { access_token } = await tokensOf(await provider.exchange(await provider.authorize()));
  const post = (form: Record<string, string>) => ({
    method: "POST",
    body: new URLSearchParams({ ...form, ...provider.credentials() }),
  });
  const code = await provider.authorize();
  return {
    "/token": post({
      grant_type: "authorization_code",
      code,
      redirect_uri: authorize.redirect_uri ?? "",
      code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }),
    "/par": post(authorize),
    "/device_authorization": post({ scope: "openid" }),
    "/backchannel_authentication": post({ scope: "openid", login_hint: "alice" }),
    "/introspect": post({ token: access_token }),
    "/revoke": post({ token: "unknown" }),
    "/userinfo": { headers: { authorization: `Bearer ${access_token}` } },
  };
}

Deno.test("all answers of an endpoint for programs have the same headers", async () => {
  const grant_types = ["authorization_code", "refresh_token", deviceGrant, cibaGrant];
  const clients = [aClient("shop", { grant_types, backchannel_token_delivery_mode: "poll" })];
  await using provider = await aProvider({ clients, config: { dpopNonce: true } });
  const accepted = await acceptedRequests(provider);
  const key = await aDpopKey(provider);
  for (const { path, methods, cors, noStore, dpopNonce } of plainEndpoints(provider.deps)) {
    const dpop = await key.proof({ path });
    const wrong = { method: methods.at(-1) ?? "GET", headers: { dpop } };
    const requests: [string, RequestInit][] = [
      ["accepted", accepted[path] ?? {}],
      ["refused", wrong],
      ["refused, with a body", methods.includes("POST") ? { ...wrong, body: "x=%" } : wrong],
      ["HEAD", { method: methods.includes("GET") ? "HEAD" : "POST" }],
      ["refused, of a page", { ...wrong, headers: { dpop, origin: "https://app.example" } }],
    ];
    for (const [what, init] of requests) {
      const label = `${path}: ${what}`;
      const response = await provider.request(path, init);
      const { headers, status } = response;
      const isRefused = what.startsWith("refused") && accepted[path] !== undefined;
      if (what !== "HEAD") assertEquals(status >= 400, isRefused, label);
      assertEquals(headers.get("content-security-policy"), policy, label);
      for (const [name, value] of Object.entries(security)) {
        assertEquals(headers.get(name), value, label);
      }
      assertEquals(headers.get("x-request-id")?.length, 22, label);
      // A cache may give to a page what a program has asked for.
      const mayBeRead = cors && (!noStore || what.endsWith("of a page"));
      assertEquals(headers.get("access-control-allow-origin"), mayBeRead ? "*" : null, label);
      assertEquals(headers.has("access-control-expose-headers"), mayBeRead, label);
      if (noStore) {
        const stored = [headers.get("cache-control"), headers.get("pragma")];
        assertEquals(stored, ["no-store", "no-cache"], label);
      }
      const sentProof = init.headers !== undefined && "dpop" in init.headers;
      assertEquals(headers.has("dpop-nonce"), dpopNonce && sentProof, label);
      const text = await response.text();
      if (init.method === "HEAD") assertEquals(text, "", label);
      if (text !== "") assertEquals(headers.get("content-type"), "application/json", label);
    }
  }
});

const policy = "default-src 'none'; frame-ancestors 'none'";
const security = {
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

Deno.test("only what a browser may show has the headers that are for documents", async () => {
  await using provider = await aProvider();
  const found = async (path: string) => {
    const { headers } = await provider.request(path);
    return Object.keys(forDocuments).map((name) => headers.get(name));
  };
  assertEquals(await found("/"), Object.values(forDocuments));
  assertEquals(await found("/nope"), Object.values(forDocuments));
  assertEquals(await found("/userinfo"), Object.values(forDocuments).map(() => null));
});

const forDocuments = {
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-permitted-cross-domain-policies": "none",
  "origin-agent-cluster": "?1",
};

Deno.test("a path is an endpoint's also if it is percent-encoded, and HEAD is answered like GET", async () => {
  await using provider = await aProvider();
  assertEquals((await provider.request("/%68ealthz")).status, 200);
  const head = await provider.request("/.well-known/jwks.json", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  assert(head.headers.get("etag"));
});

Deno.test("an endpoint that throws before it returns a promise is answered as one that fails later", async () => {
  await using provider = await aProvider();
  const facts = { kind: "client", path: "/broken", methods: ["GET"], cors: true } as const;
  const broken = () => {
    throw new OAuthError("invalid_request", "this is wrong");
  };
  for (const answer of [broken, () => Promise.reject().catch(broken)]) {
    for (const counted of ["requests", "by handler"] as const) {
      const endpoint = plainEndpoint({ ...facts, noStore: true, counted }, answer);
      const app = plainApp(provider.deps, [endpoint], () => new Response());
      const response = await app(new Request("http://localhost/broken"));
      assertEquals(response.status, 400, counted);
      assert(response.headers.get("x-request-id"), counted);
      assertEquals((await response.json()).error, "invalid_request", counted);
    }
  }
});
