import { assertEquals } from "@std/assert";
import { aProvider, issuer } from "../support/provider.ts";

Deno.test("a page is found by its path in capitals and with slashes, and nothing else is", async () => {
  await using provider = await aProvider();
  const led = async (path: string, init: RequestInit = {}) => {
    const response = await provider.request(path, { redirect: "manual", ...init });
    await response.body?.cancel();
    return [response.status, response.headers.get("location")];
  };
  const typed: Record<string, string> = {
    "/device/": "/device",
    "/Device": "/device",
    "/DEVICE/?user_code=WDJB-MJHT": "/device?user_code=WDJB-MJHT",
    "/account/": "/account",
    "/account//security/": "/account/security",
    "/login/?interaction=x": "/login?interaction=x",
  };
  for (const [path, page] of Object.entries(typed)) {
    assertEquals(await led(path), [303, page], path);
  }
  const { headers } = await provider.request("/Device?user_code=WDJB-MJHT");
  assertEquals(headers.get("cache-control"), "no-store", "its query may be a secret");
  const others = [
    `${issuer}//evil.example/`,
    "/device/x",
    "/nothing/",
    "/token/",
    "/Token",
    "/account/:id",
  ];
  for (const path of ["/api/v1/users/", "/dev/app/", "/.well-known/Change-password/x", ...others]) {
    const [status, location] = await led(path);
    assertEquals([Number(status) >= 400, location], [true, null], path);
  }
  assertEquals(await led("/device/", { method: "HEAD" }), [303, "/device"], "as a GET");
  for (const method of ["POST", "PUT"]) {
    assertEquals((await led("/device/", { method }))[1], null, method);
  }
});
