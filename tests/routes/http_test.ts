import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readForm, readQuery } from "../../routes/http/form.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { aPublicClient } from "../support/clients.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { answerOf, signIn } from "../support/tokens.ts";

/** Every route, and the methods that it takes. */
const routes: Readonly<Record<string, string>> = {
  "/": "GET, HEAD",
  "/.well-known/jwks.json": "GET, HEAD",
  "/.well-known/oauth-authorization-server": "GET, HEAD",
  "/.well-known/openid-configuration": "GET, HEAD",
  "/authorize": "GET, HEAD, POST",
  "/authorize/resume": "GET, HEAD",
  "/consent": "GET, HEAD, POST",
  "/healthz": "GET, HEAD",
  "/introspect": "POST",
  "/login": "GET, HEAD, POST",
  "/logout": "GET, HEAD, POST",
  "/logout/confirm": "GET, HEAD, POST",
  "/par": "POST",
  "/readyz": "GET, HEAD",
  "/revoke": "POST",
  "/session": "DELETE, GET, HEAD",
  "/setup": "GET, HEAD, POST",
  "/token": "POST",
  "/userinfo": "GET, HEAD, POST",
};
const forAnyOrigin = ["/.well-known/", "/token", "/par", "/userinfo", "/revoke"];
const isForAnyOrigin = (path: string) => forAnyOrigin.some((prefix) => path.startsWith(prefix));

Deno.test("an unsupported method is 405, and Allow lists the supported ones", async () => {
  await using provider = await aProvider();
  for (const [path, allowed] of Object.entries(routes)) {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
      const response = await provider.request(path, { method });
      if (allowed.split(", ").includes(method)) {
        assertEquals(response.status === 405, false, `${method} ${path}`);
        continue;
      }
      assertEquals(response.status, 405, `${method} ${path}`);
      assertEquals(response.headers.get("allow"), allowed, `${method} ${path}`);
      await response.body?.cancel();
    }
  }
});

Deno.test("an unknown path is 404, also with the name of a JavaScript object member", async () => {
  await using provider = await aProvider();
  const paths = ["/nope", "/token/", "/TOKEN", "/.well-known/nope", "/__proto__", "/constructor"];
  for (const path of [...paths, "/%00", "/token%2f", "/%ff", "/%"]) {
    for (const method of ["GET", "POST"]) {
      const { status } = await provider.request(path, { method });
      assertEquals(status, 404, `${method} ${path}`);
    }
  }
});

Deno.test("pages of any origin may call the endpoints for clients, without cookies, and no others", async () => {
  await using provider = await aProvider();
  const origin = "https://app.example";
  for (const path of Object.keys(routes)) {
    const preflight = await provider.request(path, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,dpop,traceparent,x-any",
      },
    });
    const answers = [preflight, await provider.request(path, { headers: { origin } })];
    for (const response of answers) {
      const allowed = response.headers.get("access-control-allow-origin");
      assertEquals(allowed, isForAnyOrigin(path) ? "*" : null, path);
      assertEquals(response.headers.has("access-control-allow-credentials"), false, path);
    }
    if (!isForAnyOrigin(path)) {
      assertEquals(preflight.status, 405, path);
      assertEquals(preflight.headers.has("access-control-allow-headers"), false, path);
      continue;
    }
    assertEquals(preflight.status, 204, path);
    const headers = preflight.headers.get("access-control-allow-headers")?.toLowerCase().split(",");
    assertEquals(headers, ["authorization", "dpop", "traceparent", "x-any"], path);
  }
});

Deno.test("a page can read the error that it caused", async () => {
  await using provider = await aProvider();
  const headers = { origin: "https://app.example" };
  const answers = [
    await provider.post("/token", {}, headers),
    await provider.post("/par", {}, headers),
    await provider.post("/revoke", {}, headers),
    await provider.request("/userinfo", { headers }),
    await provider.request("/par", { method: "POST", body: "{}", headers }),
  ];
  await using limited = await aProvider({
    config: { rateLimits: true },
    clients: [aPublicClient("app")],
  });
  const form = { client_id: "app", response_type: "code" };
  for (let i = 0; i < 301; i++) answers.push(await limited.post("/par", form, headers));
  assertEquals(answers.at(-1)?.status, 429);
  let failure: Error | null = null;
  const wrap = (backend: KvBackend): KvBackend => ({
    ...backend,
    getMany: (keys) => failure === null ? backend.getMany(keys) : Promise.reject(failure),
  });
  await using broken = await aProvider({ wrap });
  failure = new Error("down");
  for (const path of ["/token", "/par", "/revoke"]) {
    const form = { grant_type: "client_credentials", token: "x", ...broken.credentials() };
    answers.push(await broken.post(path, form, headers));
  }
  assertEquals(answers.filter(({ status }) => status >= 500).length, 3);
  failure = null;
  for (const response of answers) {
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    const exposed = response.headers.get("access-control-expose-headers") ?? "";
    assertEquals(exposed.includes("WWW-Authenticate"), true);
  }
});

const isJson = (headers: Headers) => headers.get("content-type") === "application/json";

Deno.test("every answer has the security headers, and what is no JSON also those of documents", async () => {
  await using provider = await aProvider();
  for (const path of [...Object.keys(routes), "/nope"]) {
    for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
      const { headers } = await provider.request(path, { method });
      const label = `${method} ${path}`;
      assertEquals(headers.get("x-content-type-options"), "nosniff", label);
      if (!isJson(headers)) {
        assertEquals(headers.get("referrer-policy"), "same-origin", label);
        assertEquals(headers.get("x-frame-options"), "DENY", label);
      }
      assertEquals(headers.get("strict-transport-security")?.startsWith("max-age="), true, label);
      const policy = headers.get("content-security-policy") ?? "";
      assertEquals(policy.includes("default-src 'none'"), true, label);
      assertEquals(policy.includes("frame-ancestors 'none'"), true, label);
      assertEquals(policy.includes("unsafe"), false, label);
      assertEquals((headers.get("x-request-id") ?? "").length, 22, label);
      assertEquals(headers.has("x-powered-by"), false, label);
      assertEquals(headers.has("server"), false, label);
    }
  }
});

Deno.test("an http issuer sends no headers about https", async () => {
  await using provider = await aProvider({ config: { issuer: "http://localhost:8000" } });
  const { headers } = await provider.request("/healthz");
  assertEquals(headers.has("strict-transport-security"), false);
});

Deno.test("an answer with a token, or with an error about one, is not cached", async () => {
  await using provider = await aProvider();
  const { access_token: token } = await signIn(provider);
  const authorization = `Bearer ${token}`;
  const credentials = provider.credentials();
  const answers = [
    await provider.exchange(await provider.authorize()),
    await provider.exchange("x"),
    await provider.post("/token", {}),
    await provider.request("/token"),
    await provider.post("/introspect", { token, ...credentials }),
    await provider.post("/introspect", {}),
    await provider.request("/userinfo", { headers: { authorization } }),
    await provider.request("/userinfo"),
    await provider.post("/revoke", { token, ...credentials }),
    await provider.post("/revoke", {}),
  ];
  for (const { headers, status } of answers) {
    assertEquals(headers.get("cache-control"), "no-store", String(status));
    assertEquals(headers.get("pragma"), "no-cache", String(status));
  }
});

Deno.test("a form must have its content type, everything else is 415", async () => {
  await using provider = await aProvider();
  const paths = ["/token", "/introspect", "/revoke", "/authorize", "/login", "/consent", "/logout"];
  for (const path of paths) {
    for (
      const contentType of [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded-not",
        "",
      ]
    ) {
      const body = new TextEncoder().encode("grant_type=client_credentials");
      const headers = new Headers({ origin: issuer });
      if (contentType !== "") headers.set("content-type", contentType);
      const response = await provider.request(path, { method: "POST", body, headers });
      assertEquals(response.status, 415, `${path} ${contentType}`);
    }
  }
  const response = await provider.request("/token", { method: "POST", body: "{}" });
  assertEquals(await answerOf(response), "415 invalid_request");
});

Deno.test("a body of 64 KB is read, and one byte more is 413, also without Content-Length", async () => {
  await using provider = await aProvider();
  const limit = 65_536;
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: issuer };
  const padded = (length: number) => "grant_type=password&x=".padEnd(length, "x");
  const post = async (path: string, body: BodyInit) =>
    await provider.request(path, { method: "POST", body, headers });

  assertEquals(await answerOf(await post("/token", padded(limit))), "401 invalid_client");
  const paths = [
    "/token",
    "/introspect",
    "/revoke",
    "/userinfo",
    "/authorize",
    "/login",
    "/logout",
  ];
  for (const path of paths) {
    assertEquals((await post(path, padded(limit + 1))).status, 413, path);
  }
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 16_384;
      controller.enqueue(new Uint8Array(16_384).fill(120));
    },
  });
  assertEquals((await post("/token", endless)).status, 413);
  assertEquals(sent <= limit + 4 * 16_384, true, `${sent} bytes were read`);
});

Deno.test("a parameter that occurs twice is refused, and so are bytes that are not UTF-8", async () => {
  await using provider = await aProvider();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const bodies: BodyInit[] = [
    "grant_type=client_credentials&grant_type=client_credentials",
    "grant_type=client_credentials&client_id=shop&client_id=shop",
    "grant_type=%ff",
    "grant_type=%",
    "grant_type=%zz",
    "grant_type=%c3%28",
    "grant_type=%ed%a0%80",
    "%ff=x",
    new Uint8Array([120, 61, 255]),
    "token=%ff&token=x",
  ];
  for (const path of ["/token", "/introspect", "/revoke"]) {
    for (const body of bodies) {
      const response = await provider.request(path, { method: "POST", body, headers });
      // Who calls is looked for after the form was read, so this is about the form.
      assertEquals(await answerOf(response), "400 invalid_request", `${path} ${body}`);
    }
  }
});

Deno.test("a form with any content is read as browsers encode it", async () => {
  await fc.assert(fc.asyncProperty(
    fc.dictionary(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" })),
    async (form) => {
      const body = new URLSearchParams(form);
      const read = await readForm(new Request("http://localhost/", { method: "POST", body }));
      // A parameter without a value counts as omitted.
      const sent = Object.entries(form).filter(([, value]) => value !== "");
      assertEquals(Object.entries(read).sort(), sent.sort());
    },
  ));
  const read = (text: string) => ({ ...readQuery(new Request(`http://localhost/?${text}`)) });
  assertEquals(read("a=b&&c&d=&e=f=g&=h"), { a: "b", e: "f=g", "": "h" });
  assertEquals(read("a%3Db=%2B+%25&%61=1"), { "a=b": "+ %", a: "1" });
});
