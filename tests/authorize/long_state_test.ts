import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { outcomeOf, signedInBrowser } from "../support/authorization.ts";
import { aProvider } from "../support/provider.ts";

/** The most characters that the redirect may have for it. */
const longest = 12_288;

Deno.test("a state that no redirect can return is refused on a page, wherever it is sent", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  for (const letter of ["\u00fc", "\u65e5", "%", "~", "!"]) {
    // As the redirect has it: with more of ASCII percent-encoded than `encodeURIComponent` encodes.
    const each = `${new URLSearchParams({ "": letter })}`.length - 1;
    const fits = letter.repeat(Math.floor(longest / each));
    const parameters = { state: fits };
    const landed = await browser.open(provider.authorizeUrl({ parameters }));
    if (2 * fits.length <= 8192) {
      assertEquals(outcomeOf(landed), "code", letter);
      assertEquals(landed.url.searchParams.get("state"), fits);
    }

    const url = provider.authorizeUrl({ parameters: { state: `${fits}${letter}` } });
    const [path = "", query = ""] = url.split("?");
    const posted = { method: "POST", body: new URLSearchParams(query) };
    for (const refused of [await browser.open(url), await browser.open(path, posted)]) {
      assertEquals(refused.response.status, 400, letter);
      assertEquals(refused.response.headers.get("location"), null);
      assertStringIncludes(refused.body, "invalid_request");
      assert(refused.body.length < longest + 8192, "the page repeats it");
    }
    const form = { ...Object.fromEntries(new URLSearchParams(query)), ...provider.credentials() };
    const pushed = await provider.post("/par", form);
    assertEquals([pushed.status, (await pushed.json()).error], [400, "invalid_request"], letter);
  }
});
