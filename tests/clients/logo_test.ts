import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { clientLogo, logoProblem } from "../../src/clients/logo.ts";
import { pngBase64, pngBytes } from "../branding/images.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";

const logo = `data:image/png;base64,${pngBase64}`;
const base64 = (content: string) => btoa(content);
const png = "\x89PNG\r\n\x1a\n";

Deno.test("a logo is a URL, or an image of its declared type", () => {
  const good = [
    "https://app.example/logo.png",
    logo,
    `data:image/jpeg;base64,${base64("\xff\xd8\xff\xe0")}`,
    `data:image/webp;base64,${base64("RIFF\0\0\0\0WEBP")}`,
    `data:image/png;base64,${base64(png + "x".repeat(16 * 1024 - 8))}`,
  ];
  for (const uri of good) assertEquals(logoProblem(uri), null, uri.slice(0, 60));

  const bad: [string, string][] = [
    ["javascript:alert(1)", "must be an https URL"],
    ["logo.png", "must be an https URL"],
    [`https://app.example/${"x".repeat(2048)}`, "must have at most 2048 characters"],
    [`data:image/svg+xml;base64,${base64("<svg/>")}`, "must be a data: URI of image/png"],
    [`data:text/html;base64,${base64("<script>")}`, "must be a data: URI of image/png"],
    [`DATA:image/png;base64,${pngBase64}`, "must be a data: URI of image/png"],
    [`data:image/png;charset=x;base64,${pngBase64}`, "must be a data: URI of image/png"],
    [`data:image/png,${pngBase64}`, "must be a data: URI of image/png"],
    [`${logo}\n`, "must be a data: URI of image/png"],
    ["data:image/png;base64,A", "whose base64 can be decoded"],
    [`data:image/jpeg;base64,${pngBase64}`, "an image of the type that it names"],
    [`data:image/png;base64,${base64("<script>alert(1)</script>")}`, "of the type that it names"],
    [`data:image/png;base64,${base64(png + "x".repeat(16 * 1024 - 7))}`, "at most 16384 bytes"],
    [`data:image/png;base64,${"A".repeat(1_000_000)}`, "at most 16384 bytes"],
  ];
  for (const [uri, problem] of bad) {
    assertStringIncludes(logoProblem(uri) ?? "none", problem, uri.slice(0, 60));
    assertEquals(clientLogo(uri), null);
  }
});

Deno.test("sign-in and consent pages show a client's logo from our own origin", async () => {
  const clients = [aClient("a shop/1?".replace(/ /, "-"), {
    redirect_uris: ["https://shop.example/callback"],
    logo_uri: logo,
  })];
  await using provider = await aProvider({ clients });
  const browser = provider.browser();
  const login = await browser.open(provider.authorizeUrl());
  const consent = await browser.submit(login, {
    username: "alice",
    password: "correct horse battery",
  });
  assertEquals(consent.url.pathname, "/consent");

  for (const { body, response } of [login, consent]) {
    assertStringIncludes(response.headers.get("content-security-policy") ?? "", "img-src 'self'");
    const [, src = ""] = body.match(/<img class="client-logo" src="([^"]+)"/) ?? [];
    assertMatch(src, /^\/clients\/a-shop%2F1%3F\/logo\?v=[A-Za-z0-9_-]{16}$/);
    const image = await provider.request(src);
    assertEquals(image.status, 200);
    assertEquals(image.headers.get("content-type"), "image/png");
    assertEquals(image.headers.get("x-content-type-options"), "nosniff");
    assertEquals(image.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assertStringIncludes(image.headers.get("content-security-policy") ?? "", "default-src 'none'");
    assertEquals(new Uint8Array(await image.arrayBuffer()), pngBytes);
  }
});

Deno.test("a logo at another origin is never loaded and has no URL here", async () => {
  const far = aClient("far", { logo_uri: "https://far.example/logo.png" });
  await using provider = await aProvider({ clients: [far, aClient("near", { logo_uri: logo })] });

  const login = await provider.browser().open(provider.authorizeUrl({ client: "far" }));
  assert(!login.body.includes("<img"));
  assert(!login.body.includes("far.example/logo"));
  for (
    const path of ["/clients/far/logo", "/clients/nobody/logo", `/clients/${"x".repeat(257)}/logo`]
  ) {
    assertEquals((await provider.request(path)).status, 404);
  }
  const other = await provider.request("/clients/near/logo?v=another");
  assertEquals(other.headers.get("cache-control"), "no-cache");
});
