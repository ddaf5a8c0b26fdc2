import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anAdminApi } from "../admin/api.ts";
import { callback, register } from "../registration/registration.ts";
import { bob, isSignedIn, sessionCookie, signedInBrowser } from "../support/authorization.ts";
import type { Browser, Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, type AuthorizeOptions, type TestProvider } from "../support/provider.ts";
import { editUser } from "../support/records.ts";
import { tokensOf } from "../support/tokens.ts";
import { testWeb } from "../support/web.ts";

const evil = "https://bank.evil.example/bye";
const toolUrl = "https://tool.example/client.json";
const clientIdDocuments = { mode: "open", hosts: [] } as const;

/** What a stranger says of an application. */
const members = {
  client_name: "Your bank",
  client_uri: "https://bank.evil.example/home",
  redirect_uris: [callback],
  post_logout_redirect_uris: [evil],
  token_endpoint_auth_method: "none",
};

/** Opens /logout, and confirms if it asks. */
async function signOut(browser: Browser, parameters: Record<string, string>): Promise<Landing> {
  const landing = await browser.open(`/logout?${new URLSearchParams(parameters)}`);
  if (!landing.body.includes('id="logout-confirm"')) return landing;
  return await browser.submit(landing, {});
}

/** Where the link of the page leads, and the host that the page names. */
function wayOf({ url, body }: Landing): readonly (string | undefined)[] {
  const href = /id="logout-continue" href="([^"]*)"/.exec(body)?.[1]?.replaceAll("&amp;", "&");
  const host = /<code class="host">([^<]*)<\/code>/.exec(body)?.[1];
  return [url.pathname, href, host];
}

/** An ID token of a client that registered itself. */
async function idTokenOf(provider: TestProvider, clientId: string, options: AuthorizeOptions) {
  const own = { client_id: clientId, redirect_uri: callback };
  const code = await provider.authorize({ ...options, parameters: { ...own, scope: "openid" } });
  const parameters = { ...own, client_secret: undefined };
  return (await tokensOf(await provider.exchange(code, { parameters }))).id_token;
}

Deno.test("a sign-out shows a link with the host instead of a redirect to a stranger's URI, unless an id_token_hint is about a user who signed in with this browser", async () => {
  const transport = testWeb();
  transport.publish(toolUrl, JSON.stringify({ ...members, client_id: toolUrl }));
  await using server = await anAdminApi({
    users: [alice, bob],
    clients: [aClient("shop")],
    config: { registration: "open", clientIdDocuments },
    transport,
  });
  const { provider } = server;
  const made = [members, { ...members, subject_type: "pairwise" }];
  const ids: string[] = [];
  for (const one of made) {
    const { status, body } = await register(provider, one);
    assertEquals(status, 201, JSON.stringify(body));
    ids.push(body.client_id);
  }
  const [plain = ""] = ids;

  for (const clientId of [...ids, toolUrl]) {
    const request = { client_id: clientId, post_logout_redirect_uri: evil, state: "a&b" };
    const shown = [`${evil}?state=a%26b`, "bank.evil.example"];
    const browser = provider.browser();
    const own = await idTokenOf(provider, clientId, { browser, user: alice });
    const strangers = await idTokenOf(provider, clientId, { user: bob });
    const hinted = (id_token_hint: string) => ({ ...request, id_token_hint });

    // Whoever registered the client can have an ID token, too: it is about themselves.
    const attempts: [string, Browser, Record<string, string>, string][] = [
      ["nobody is signed in", provider.browser(), request, "/logout"],
      ["an ID token of the stranger", provider.browser(), hinted(strangers), "/logout"],
      ["a forged one", provider.browser(), hinted(`${own.slice(0, -8)}AAAAAAAA`), "/logout"],
      ["confirmed", await signedInBrowser(provider), request, "/logout/confirm"],
      ["confirmed, with it", await signedInBrowser(provider), hinted(strangers), "/logout/confirm"],
    ];
    for (const [name, victim, parameters, path] of attempts) {
      const landing = await signOut(victim, parameters);
      const label = `${clientId}: ${name}`;
      const isForged = name === "a forged one";
      const [at, ...way] = wayOf(landing);
      assertEquals(at, path, label);
      if (!isForged) assertEquals(way, shown, label);
      assert(!landing.body.includes(`href="${evil}"`), label);
      assertStringIncludes(landing.body, "signed out", label);
      assert(!landing.body.includes("Your bank"), label);
    }

    // A client that sends its user's ID token notices nothing, whether or not the session has ended before.
    for (let times = 0; times < 2; times++) {
      assertEquals((await signOut(browser, hinted(own))).url.href, shown[0], clientId);
    }
    // Nor if the user has signed in again since.
    await signedInBrowser(provider, { browser, user: alice });
    assertEquals((await signOut(browser, hinted(own))).url.href, shown[0], clientId);
  }

  const scheme = "com.evil.app:/bye";
  const native = { application_type: "native", post_logout_redirect_uris: [scheme] };
  const { body: { client_id } } = await register(provider, { ...members, ...native });
  const toProgram = { client_id, post_logout_redirect_uri: scheme };
  const program = ["/logout", scheme, "com.evil.app:"];
  assertEquals(wayOf(await signOut(provider.browser(), toProgram)), program);
  // Nor by its home page, under a name of its own.
  const home = await signOut(provider.browser(), { client_id: plain });
  assertEquals(wayOf(home), ["/logout", members.client_uri, "bank.evil.example"]);
  const asked = await (await signedInBrowser(provider)).open(`/logout?client_id=${plain}`);
  assertStringIncludes(asked.body, "or checked its name.");

  // A name that an operator has checked says nothing of where another member leads.
  const checked = { client_name: "Checked", client_uri: "https://checked.example/" };
  assertEquals((await server.patch(`/clients/${plain}`, checked)).status, 200);
  const unchecked = { client_id: plain, post_logout_redirect_uri: evil };
  const landed = await signOut(provider.browser(), unchecked);
  assertEquals(wayOf(landed), ["/logout", evil, "bank.evil.example"]);
  assert(!landed.body.includes("Checked"));
  const own = await signOut(provider.browser(), { client_id: plain });
  assertStringIncludes(own.body, 'href="https://checked.example/"');
  assertStringIncludes(own.body, "Checked");

  // What an operator has written, or has set since, is trusted.
  const bye = "https://shop.example/bye";
  const shop = { client_id: "shop", post_logout_redirect_uri: bye };
  assertEquals((await signOut(provider.browser(), shop)).url.href, bye);
  const set = await server.patch(`/clients/${plain}`, { post_logout_redirect_uris: [bye] });
  assertEquals(set.status, 200);
  const request = { client_id: plain, post_logout_redirect_uri: bye };
  assertEquals((await signOut(provider.browser(), request)).url.href, bye);
  const [, paired = ""] = ids;
  const confirmed = { client_id: paired, post_logout_redirect_uri: evil };
  // To send them as they are is no change; to approve them, they are taken away first.
  for (const [uris, at] of [[[evil], "/logout"], [[], "/logout"], [[evil], "/bye"]] as const) {
    const { status } = await server.patch(`/clients/${paired}`, {
      post_logout_redirect_uris: uris,
    });
    assertEquals(status, 200);
    assertEquals((await signOut(provider.browser(), confirmed)).url.pathname, at);
  }
});

Deno.test("the user of a client that registered itself is redirected whatever has become of the hint and the session, and is shown a page only by a browser that knows nobody", async () => {
  await using provider = await aProvider({
    users: [alice, bob],
    config: { registration: "open" },
  });
  const { body: { client_id } } = await register(provider, members);
  const browser = provider.browser();
  const first = await idTokenOf(provider, client_id, { browser, user: alice });
  const request = (id_token_hint: string) => (
    { id_token_hint, post_logout_redirect_uri: evil, state: "s" }
  );
  const there = `${evil}?state=s`;
  const post = async (of: Browser, parameters: Record<string, string>) => {
    // From another site: it brings no cookie, and the GET that follows brings it.
    const body = new URLSearchParams(parameters);
    const answer = await provider.request("/logout", { method: "POST", body });
    return await of.open(answer.headers.get("location") ?? "");
  };

  // Another user signs in: they are asked, because the hint is not about their session.
  await browser.open("/logout").then((page) => browser.submit(page, {}));
  await signedInBrowser(provider, { browser, user: bob });
  assertEquals((await signOut(browser, request(first))).url.href, there);
  // The ID token has expired, and the session too.
  provider.clock.advance(40 * 86_400);
  assertEquals((await signOut(browser, request(first))).url.href, there);
  assertEquals((await post(browser, request(first))).url.href, there);
  // The session has ended at another device.
  const again = await idTokenOf(provider, client_id, { browser, user: alice });
  await editUser(provider, "alice", { sessionEpoch: 2 });
  assertEquals(await isSignedIn(provider, sessionCookie(browser)), false);
  assertEquals((await post(browser, request(again))).url.href, there);

  // Of the cookies only that of the session is left.
  const last = await idTokenOf(provider, client_id, { browser, user: alice });
  const device = [...browser.cookies.keys()].find((name) => name.endsWith("_device"));
  assert(browser.cookies.delete(device ?? ""));
  assertEquals((await signOut(browser, request(last))).url.href, there);

  const lost = provider.browser();
  const landing = await lost.open(
    `/logout?${new URLSearchParams({ ...request(again), ui_locales: "de" })}`,
  );
  assertEquals(wayOf(landing), ["/logout", there, "bank.evil.example"]);
  assertStringIncludes(landing.body, "Kein Administrator hat die App");
});
