import { assertEquals, assertMatch } from "@std/assert";
import {
  codeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
  toldTo,
} from "../support/authorization.ts";
import { testWeb } from "../support/web.ts";
import { aProvider, type AuthorizeOptions, type TestProvider } from "../support/provider.ts";

/** A form on a client's page that posts to us: no Lax cookie comes along. */
function postFromAnotherSite(
  provider: TestProvider,
  parameters: AuthorizeOptions["parameters"] = {},
) {
  const url = provider.authorizeUrl({ parameters });
  return provider.request("/authorize", {
    method: "POST",
    body: new URLSearchParams(url.slice(url.indexOf("?") + 1)),
    headers: { origin: "https://shop.example" },
  });
}

Deno.test("a POST request continues by GET, which sees the browser's session", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const response = await postFromAnotherSite(provider);
  assertEquals(response.status, 303);
  const location = response.headers.get("location") ?? "";
  assertMatch(location, /^\/authorize\/resume\?interaction=[\w-]{22}$/);

  const landing = await browser.open(location);
  assertEquals((await provider.exchange(codeAt(landing))).status, 200);
  assertEquals(toldTo(landing).state, "the-state");
});

Deno.test("a posted request belongs to the browser whose GET comes first", async () => {
  await using provider = await aProvider();
  const location = (await postFromAnotherSite(provider)).headers.get("location") ?? "";
  const first = provider.browser();
  const page = await first.open(location);
  assertEquals(outcomeOf(page), "login");

  const second = await signedInBrowser(provider);
  assertEquals(outcomeOf(await second.open(location)), "page invalid_request");
  assertEquals(outcomeOf(await second.open(`/login${page.url.search}`)), "page invalid_request");
  assertEquals(outcomeOf(await submitLogin(first, page)), "code");
});

Deno.test("if two browsers continue one posted request at the same moment, one succeeds", async () => {
  await using provider = await aProvider();
  for (let round = 0; round < 5; round++) {
    const location = (await postFromAnotherSite(provider)).headers.get("location") ?? "";
    const landings = await Promise.all(
      Array.from({ length: 8 }, () => provider.browser().open(location)),
    );
    const outcomes = landings.map(outcomeOf).sort();
    assertEquals(outcomes, ["login", ...Array(7).fill("page invalid_request")]);
  }
});

Deno.test("a posted request gets the same errors as any other", async () => {
  await using provider = await aProvider();
  const cases: [Record<string, string>, string][] = [
    [{ prompt: "none" }, "error login_required"],
    [{ scope: "nothing" }, "error invalid_scope"],
    [{ resource: "https://nowhere.example" }, "error invalid_target"],
  ];
  for (const [parameters, expected] of cases) {
    const browser = provider.browser();
    const location = (await postFromAnotherSite(provider, parameters)).headers.get("location");
    assertEquals(outcomeOf(await browser.open(location ?? "")), expected);
    // Once told, it goes nowhere any more.
    assertEquals(outcomeOf(await browser.open(location ?? "")), "page invalid_request");
  }
});

Deno.test("a posted request with wrong parameters is answered at once and not stored", async () => {
  await using provider = await aProvider();
  const wrong: Record<string, string>[] = [
    { code_challenge_method: "plain" },
    { prompt: "none login" },
    { max_age: "soon" },
    { claims: "{" },
    { nonce: "n".repeat(513) },
    { state: "s".repeat(9000) },
  ];
  for (const parameters of wrong) {
    const location = (await postFromAnotherSite(provider, parameters)).headers.get("location");
    const { origin, searchParams } = new URL(location ?? "", "https://nowhere.example");
    assertEquals(origin, "https://shop.example", Object.keys(parameters).join());
    assertEquals(searchParams.get("error"), "invalid_request");
  }
  const { entries } = await provider.backend.list({ prefix: ["interactions"] }, { limit: 10 });
  assertEquals(entries, []);
});

Deno.test("a posted request expires after the interaction's lifetime", async () => {
  await using provider = await aProvider({ lifetimes: { interaction: 600 } });
  const location = (await postFromAnotherSite(provider)).headers.get("location") ?? "";
  provider.clock.advance(600);
  assertEquals(outcomeOf(await provider.browser().open(location)), "page invalid_request");
});

Deno.test("a POST without a form is 415", async () => {
  await using provider = await aProvider();
  const response = await provider.request("/authorize", {
    method: "POST",
    body: JSON.stringify({ client_id: "shop" }),
    headers: { "content-type": "application/json" },
  });
  assertEquals(response.status, 415);
});

Deno.test("a posted request has no pages before a browser has continued it", async () => {
  await using provider = await aProvider({ config: { signUp: "open" } });
  // With a page a victim could show one of two factors there, and an attacker the other.
  const paths = ["/login", "/login/second-factor", "/login/help", "/magic-link", "/sign-up"];
  for (const path of [...paths, "/consent"]) {
    const location = (await postFromAnotherSite(provider)).headers.get("location") ?? "";
    const browser = await signedInBrowser(provider);
    const page = await browser.open(location.replace("/authorize/resume", path));
    assertEquals(outcomeOf(page), "page invalid_request", path);
    assertEquals(outcomeOf(await browser.open(location)), "code", path);
  }
});

Deno.test("the first request of a client whose id is the URL of its metadata may be a POST", async () => {
  const client_id = "https://tool.example/client.json";
  const redirect_uri = "https://tool.example/callback";
  const web = testWeb();
  const name = { client_id, client_name: "Tool", redirect_uris: [redirect_uri] };
  web.publish(client_id, JSON.stringify({ ...name, token_endpoint_auth_method: "none" }));
  await using provider = await aProvider({
    config: { clientIdDocuments: { mode: "open", hosts: [] } },
    transport: web,
  });
  const parameters = { client_id, redirect_uri, scope: "openid" };
  const response = await postFromAnotherSite(provider, parameters);
  assertEquals(response.status, 303);
  const browser = provider.browser();
  const login = await browser.open(response.headers.get("location") ?? "");
  assertEquals(outcomeOf(login), "login");
  assertEquals(outcomeOf(await submitLogin(browser, login)), "consent");
  assertEquals(web.asked, [client_id]);
});
