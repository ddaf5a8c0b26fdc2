import { assertEquals, assertStringIncludes } from "@std/assert";
import { aClient, aPublicClient } from "../support/clients.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

const registered = ["http://127.0.0.1/bye", "http://[::1]/bye?from=op", "com.example.notes:/bye"];
const members = {
  redirect_uris: ["http://127.0.0.1/callback"],
  post_logout_redirect_uris: registered,
};
const clients = [
  aPublicClient("notes", { application_type: "native", ...members }),
  aPublicClient("web", {
    application_type: "web",
    ...members,
    post_logout_redirect_uris: registered.slice(0, 2),
  }),
];

/** Where a browser in which nobody is signed in goes at once; null: nowhere. */
async function wayBack(provider: TestProvider, client_id: string, uri: string) {
  const parameters = { client_id, post_logout_redirect_uri: uri, state: "s" };
  const answer = await provider.request(`/logout?${new URLSearchParams(parameters)}`);
  await answer.body?.cancel();
  const to = answer.headers.get("location");
  return to?.startsWith(uri) ? to.slice(uri.length) : null;
}

Deno.test("after a sign-out a native application gets its user back at whatever loopback port it has", async () => {
  await using provider = await aProvider({ clients });
  const native = (uri: string) => wayBack(provider, "notes", uri);
  for (const uri of [...registered, "http://127.0.0.1:51234/bye", "http://127.0.0.1:1/bye"]) {
    assertEquals(await native(uri), uri.includes("?") ? "&state=s" : "?state=s", uri);
  }
  assertEquals(await native("http://[::1]:51234/bye?from=op"), "&state=s");
  const others = [
    "http://127.0.0.1:51234/",
    "http://127.0.0.1:51234/bye?x",
    "http://127.0.0.1:51234/bye/../open",
    "http://127.0.0.1:99999/bye",
    "http://127.0.0.2:51234/bye",
    "http://localhost:51234/bye",
    "http://127.0.0.1:51234@evil.example/bye",
    "https://127.0.0.1:51234/bye",
    "com.example.notes:51234/bye",
  ];
  for (const uri of others) assertEquals(await native(uri), null, uri);
  assertEquals(await wayBack(provider, "web", registered[0] ?? ""), "?state=s");
  assertEquals(await wayBack(provider, "web", "http://127.0.0.1:51234/bye"), null);
});

Deno.test("a sign-out returns a state of 8 KB, as an authorization response does", async () => {
  const bye = "https://shop.example/bye";
  await using provider = await aProvider({ clients: [aClient("shop")] });
  for (const [state, isBack] of [["s".repeat(8192), true], ["s".repeat(8193), false]] as const) {
    const browser = provider.browser();
    const { id_token } = await signIn(provider, { browser });
    const parameters = { id_token_hint: id_token, post_logout_redirect_uri: bye, state };
    const landing = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
    if (isBack) assertEquals(landing.url.href, `${bye}?state=${state}`);
    else assertStringIncludes(landing.body, 'id="logout-confirm"');
  }
});
