import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { makeBrand } from "../../src/branding/brand.ts";
import { pageAssets } from "../../src/branding/page_assets.ts";
import type { Brand } from "../../src/deps/brand.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { passwordResetMail } from "../../src/mail/templates/password_reset.ts";
import { sentMails } from "../support/mails.ts";
import { aProvider } from "../support/provider.ts";
import { pngBytes } from "./images.ts";

const settings = {
  name: "Harbour <& Sons>",
  logoFile: null,
  colour: "#5b21b6",
  links: [{ label: "Imprint", href: "https://harbour.example/imprint" }],
};
const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');

function withLogo(bytes: Uint8Array<ArrayBuffer>): Promise<Brand> {
  return makeBrand({ ...settings, logoFile: "logo" }, () => Promise.resolve(bytes));
}

Deno.test("pages have the brand's name, links and colour", async () => {
  const brand = await makeBrand(settings, () => Promise.reject(new Error("no logo")));
  await using provider = await aProvider({ brand });

  for (const path of ["/", "/password-reset", "/nowhere"]) {
    const html = await (await provider.request(path)).text();
    assertStringIncludes(html, '<span class="brand-name">Harbour &lt;&amp; Sons&gt;</span>');
    assertStringIncludes(html, '<a href="https://harbour.example/imprint" rel="noreferrer">Impri');
    const [, stylesheetUrl = ""] = html.match(/<link rel="stylesheet" href="([^"]+)"/) ?? [];
    const css = await (await provider.request(stylesheetUrl)).text();
    assertStringIncludes(css, "--accent:#5b21b6");
  }
});

Deno.test("the files of another brand have other URLs, which may be cached forever", async () => {
  const one = await withLogo(pngBytes);
  const other = await makeBrand(
    { ...settings, colour: "#aa0000", logoFile: "x" },
    () => Promise.resolve(svg),
  );
  for (const name of ["stylesheet", "icon", "logo"] as const) {
    assert(pageAssets(one)[name]?.url !== pageAssets(other)[name]?.url, name);
  }
  await using provider = await aProvider({ brand: one });
  const response = await provider.request(pageAssets(one).stylesheet.url);
  assertEquals(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals((await provider.request(pageAssets(other).stylesheet.url)).status, 404);
});

Deno.test("a logo is served from our own origin, and an SVG in it cannot run scripts", async () => {
  for (const [bytes, type] of [[pngBytes, "image/png"], [svg, "image/svg+xml"]] as const) {
    const brand = await withLogo(bytes);
    await using provider = await aProvider({ brand });
    const html = await (await provider.request("/")).text();
    const [, url = ""] = html.match(/<img class="logo" src="(\/assets\/[^"]+)" alt="Harb/) ?? [];
    assert(!html.includes('class="mark"'));

    const response = await provider.request(url);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    const policy = response.headers.get("content-security-policy") ?? "";
    assertMatch(policy, /default-src 'none'.*; sandbox$/);
    assert(!policy.includes("script-src"));
    assertEquals(new Uint8Array(await response.arrayBuffer()), bytes);
  }
});

Deno.test("a logo that cannot be shown stops the boot with an explanation", async () => {
  const missing = () =>
    makeBrand(
      { ...settings, logoFile: "/no/logo.png" },
      () => Promise.reject(new Deno.errors.NotFound()),
    );
  const cases: [() => Promise<Brand>, string][] = [
    [
      missing,
      "LATCHKEY_BRAND_LOGO_FILE names /no/logo.png, which cannot be read (NotFound): correct",
    ],
    [
      () => withLogo(new TextEncoder().encode("GIF89a")),
      "names logo, whose content is no PNG, JPEG, WebP or SVG image.",
    ],
    [
      () => withLogo(new Uint8Array(128 * 1024 + 1)),
      "names logo, which has 131073 bytes: 131072 are the most.",
    ],
  ];
  for (const [made, sentence] of cases) {
    const error = await assertRejects(made, ConfigError);
    assertStringIncludes(error.message, sentence);
  }
});

Deno.test("mails are signed with the brand's name, and their button has its colour", async () => {
  const brand = await makeBrand(settings, () => Promise.reject(new Error("no logo")));
  const values = { username: "mara", url: "https://op.example/x", issuer: "https://op.example" };

  const branded = passwordResetMail("en", { ...values, brand });
  assertStringIncludes(branded.text, "-- \nSent by Harbour <& Sons>, op.example\n");
  assertStringIncludes(branded.html, "background:#5b21b6");
  assert(!branded.html.includes("<& Sons>"));
  assertStringIncludes(passwordResetMail("en", values).text, "-- \nSent by op.example\n");
});

Deno.test("a mail that the server writes is signed with the brand's name", async () => {
  const brand = await makeBrand(settings, () => Promise.reject(new Error("no logo")));
  await using provider = await aProvider({ brand });
  const browser = provider.browser();

  const form = await browser.open("/password-reset");
  await browser.submit(form, { username: "alice@example.com" });
  const [mail] = await sentMails(provider);

  assertStringIncludes(mail?.text ?? "", "Sent by Harbour <& Sons>, op.example");
});
