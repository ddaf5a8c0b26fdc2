import { assert, assertEquals, assertMatch } from "@std/assert";
import { passkeyScript } from "../../../src/ui/passkeys/script.ts";
import { strings } from "../../../src/language/languages.ts";
import { bundledCopy, currentCopy } from "../../support/bundle_webauthn.ts";
import { ask } from "../../support/authorization.ts";
import { aProvider } from "../../support/provider.ts";

Deno.test("the library that pages load is the one that the package publishes", async () => {
  assertEquals(await currentCopy(), await bundledCopy());
});

Deno.test("the script comes from our own origin, under a name that changes with it", async () => {
  await using provider = await aProvider();
  const page = await ask(provider);
  const [tag = "", url = ""] = /<script src="([^"]+)"[^>]*><\/script>/.exec(page.body) ?? [];
  assertMatch(url, /^\/assets\/passkeys\.[\w-]{16}\.js$/);
  const nonce = /nonce="([^"]+)"/.exec(tag)?.[1] ?? "none";
  const policy = page.response.headers.get("content-security-policy") ?? "";
  assert(policy.includes(`script-src 'nonce-${nonce}'`), policy);
  const script = await provider.request(url);
  assertEquals(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertMatch(script.headers.get("cache-control") ?? "", /immutable/);
  const text = await script.text();
  assert(text.includes("SimpleWebAuthnBrowser") && text.endsWith(passkeyScript));
});

Deno.test("without a script no passkey button is shown, and a password works", async () => {
  await using provider = await aProvider();
  const { body } = await ask(provider);
  assertMatch(body, /<div id="passkey" hidden/);
  assertMatch(body, /<template id="passkey-texts">/);
  assertMatch(body, /id="login-submit"/);
});

Deno.test("every failure that the script can tell has a text, and every text a failure", () => {
  const told = [...passkeyScript.matchAll(/"([a-z]+)"/g)].map(([, text]) => text);
  for (const text of Object.keys(strings("en").passkeys.failures)) {
    assert(told.includes(text), text);
  }
});
