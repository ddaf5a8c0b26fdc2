import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accountBrowser } from "../support/account.ts";
import { aProvider, issuer } from "../support/provider.ts";

Deno.test("the well-known URL for changing passwords leads to the page where one is changed", async () => {
  await using provider = await aProvider();
  const answer = await provider.request("/.well-known/change-password");
  assertEquals([answer.status, answer.headers.get("location")], [
    303,
    "/account/security/password",
  ]);
  const browser = await accountBrowser(provider);
  const landing = await browser.open("/.well-known/change-password");
  assertStringIncludes(landing.body, 'autocomplete="new-password"');
  // Password managers ask for this first: who answers 200 here, answers it to everything.
  const nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
  assertEquals((await provider.request(nothing)).status, 404);
});

Deno.test("the well-known URL for passkeys names the page where they are added and managed", async () => {
  await using provider = await aProvider();
  const answer = await provider.request("/.well-known/passkey-endpoints");
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/json"]);
  const { enroll, manage } = await answer.json();
  const page = `${issuer}/account/security/passkeys`;
  assertEquals([enroll, manage], [page, page]);
  const browser = await accountBrowser(provider);
  assertEquals((await browser.open("/account/security/passkeys")).response.status, 200);
});

Deno.test("a page names its icons and its manifest, and they are there", async () => {
  await using provider = await aProvider();
  const answer = await provider.request("/");
  assertStringIncludes(answer.headers.get("content-security-policy") ?? "", "manifest-src 'self'");
  const html = await answer.text();
  const kinds = { "icon": "image/svg+xml", "apple-touch-icon": "image/png" };
  for (const [rel, type] of Object.entries(kinds)) {
    const [, url = ""] = new RegExp(`<link rel="${rel}"[^>]* href="([^"]+)"`).exec(html) ?? [];
    const file = await provider.request(url);
    assertEquals([file.status, file.headers.get("content-type")], [200, type], rel);
    await file.body?.cancel();
  }
  const [, url = ""] = /<link rel="manifest" href="([^"]+)"/.exec(html) ?? [];
  const manifest = await (await provider.request(url)).json();
  assertEquals([manifest.name, manifest.start_url], ["Latchkey", "/account"]);
  for (const { src, type } of manifest.icons) {
    const file = await provider.request(src);
    assertEquals([file.status, file.headers.get("content-type")], [200, type], src);
    await file.body?.cancel();
  }
});

Deno.test("programs that ask for an icon without reading a page get one", async () => {
  await using provider = await aProvider();
  for (
    const path of ["/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"]
  ) {
    const answer = await provider.request(path);
    assertEquals([answer.status, answer.headers.get("content-type")], [200, "image/png"], path);
    const png = new Uint8Array(await answer.arrayBuffer());
    assert(png.length > 500 && png[1] === 0x50 && png[2] === 0x4e, path);
  }
});
