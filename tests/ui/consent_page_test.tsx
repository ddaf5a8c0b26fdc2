import { assert, assertMatch, assertStringIncludes } from "@std/assert";
import { ConsentPage, type ConsentPageProps } from "../../src/ui/consent_page.tsx";
import { renderPage } from "../../src/ui/layout.tsx";
import { frame } from "./sample_pages.tsx";

function consent(props: Partial<ConsentPageProps> = {}): string {
  return renderPage(
    <ConsentPage
      hasOtherAccounts
      frame={frame}
      action="/consent"
      fields={{
        interaction: "interaction-1",
        form_token: "token-1",
        asked: "asked-1",
        scope: "openid",
      }}
      client={{ name: "Shop" }}
      redirectUri="https://shop.example/callback"
      user={{ name: "Mara" }}
      scopes={["openid"]}
      customClaims={[]}
      {...props}
    />,
  );
}

Deno.test("the consent form posts the fields of the contract for test suites", () => {
  const html = consent();

  assertStringIncludes(html, '<form method="post" action="/consent">');
  assertStringIncludes(html, '<input type="hidden" name="interaction" value="interaction-1">');
  assertStringIncludes(html, '<input type="hidden" name="form_token" value="token-1">');
  assertMatch(html, /<button type="submit"[^>]* id="consent-allow" name="decision" value="allow"/);
  assertMatch(html, /<button type="submit"[^>]* id="consent-deny" name="decision" value="deny"/);
});

Deno.test("each scope is described in plain words, and an unknown scope is shown by its name", () => {
  const html = consent({
    scopes: ["openid", "offline_access", "constructor"],
    resources: [
      { resource: "https://api.example", scopes: ["read:x"] },
      { resource: "https://many.example", scopes: ["a", "b", "c"] },
    ],
  });

  assertStringIncludes(html, "Know who you are");
  assertStringIncludes(html, "Stay connected when you are not using it");
  assertStringIncludes(html, "<li><code>constructor</code></li>");
  assertStringIncludes(html, "Use <code>read:x</code> at <code>https://api.example</code>");
  const many = "<code>a</code>, <code>b</code>, <code>c</code>";
  assertStringIncludes(html, `Use ${many} at <code>https://many.example</code>`);
});

Deno.test("the destination is the real host: no path, no user before an @, no look-alike", () => {
  const destinations = {
    "https://bank.example@thief.example/cb": "thief.example",
    "https://shop.example:8443/cb": "shop.example:8443",
    "https://xn--pple-43d.example/cb": "xn--pple-43d.example",
    "https://\u0430pple.example/cb": "xn--pple-43d.example",
    "http://127.0.0.1:3000/cb": "http://127.0.0.1:3000",
    "com.example.app:/callback": "com.example.app:",
  };
  for (const [redirectUri, shown] of Object.entries(destinations)) {
    assertStringIncludes(consent({ redirectUri }), `<code class="host">${shown}</code>`);
  }
});

Deno.test("only https links of a client are shown, and they reveal nothing about this page", () => {
  const html = consent({
    client: {
      name: "Shop",
      uri: "http://shop.example",
      policyUri: "javascript:alert(1)",
      tosUri: "https://shop.example/terms",
    },
  });

  assertStringIncludes(html, '<a href="https://shop.example/terms" rel="noreferrer">');
  assert(!html.includes("javascript:"));
  assert(!html.includes("http://shop.example"));
});
