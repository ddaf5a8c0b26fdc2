import { assertEquals } from "@std/assert";
import { aProvider } from "../support/provider.ts";

const json = { "content-type": "application/json" };
const body = JSON.stringify({ redirect_uris: ["https://tool.example/callback"] });
const path = "/register/client?client_id=nobody";
const requests: readonly [path: string, init: RequestInit][] = [
  ["/register", { method: "POST", body }],
  [path, { method: "GET" }],
  [path, { method: "PUT", body }],
  [path, { method: "DELETE" }],
];
const challenges = [
  [{}, 'Bearer realm="registration"'],
  [{ authorization: "Bearer wrong" }, 'Bearer realm="registration", error="invalid_token"'],
  [{ authorization: "Bearer" }, 'Bearer realm="registration", error="invalid_token"'],
  [{ authorization: "Basic eDp5" }, 'Bearer realm="registration"'],
] as const;

Deno.test("the challenge to a registration has an error code only if the request carries a bearer token", async () => {
  await using provider = await aProvider({ config: { registration: "token" } });
  for (const [path, init] of requests) {
    for (const [credentials, challenge] of challenges) {
      const headers = { ...json, ...credentials };
      const response = await provider.request(path, { ...init, headers });
      const { error } = await response.json();
      const what = `${init.method} ${JSON.stringify(credentials)}`;
      assertEquals([response.status, error], [401, "invalid_token"], what);
      assertEquals(response.headers.get("www-authenticate"), challenge, what);
    }
  }
});
