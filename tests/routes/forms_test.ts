import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  ask,
  outcomeOf,
  sessionCookie,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { type Browser, formOf, type Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { alice, aProvider, issuer, type TestProvider } from "../support/provider.ts";

/** A page of the provider whose form does something, and what a person would fill in. */
interface Form {
  readonly browser: Browser;
  readonly page: Landing;
  readonly fields: Record<string, string>;
}

const forms: Record<string, (provider: TestProvider) => Promise<Form>> = {
  async login(provider) {
    const browser = provider.browser();
    const { username, password } = alice;
    return { browser, page: await ask(provider, { browser }), fields: { username, password } };
  },
  async consent(provider) {
    const browser = provider.browser();
    const parameters = { prompt: "consent" }; // also where it is remembered
    const page = await submitLogin(browser, await ask(provider, { browser, parameters }));
    return { browser, page, fields: { decision: "allow" } };
  },
  async logout(provider) {
    const browser = await signedInBrowser(provider);
    return { browser, page: await browser.open("/logout"), fields: {} };
  },
};

function post({ browser, page, fields }: Form, changes: Record<string, string | undefined>) {
  const { action, hidden } = formOf(page.body);
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...hidden, ...fields, ...changes })) {
    if (value !== undefined) body.append(name, value);
  }
  return browser.open(action, { method: "POST", body });
}

Deno.test("a form of a page that was opened at another address of the server names the right one", async () => {
  await using provider = await aProvider();
  const send = async (origin: string, host: string) => {
    const body = new URLSearchParams({ username: "alice", password: alice.password });
    const response = await provider.request("/login", {
      method: "POST",
      body,
      headers: { origin, host },
    });
    assertEquals(response.status, 400);
    assertEquals(response.headers.getSetCookie().join().includes("latchkey_session"), false);
    return await response.text();
  };
  for (const origin of ["http://127.0.0.1:8000", "https://www.op.example", "http://op.example"]) {
    const page = await send(origin, new URL(origin).host);
    assertStringIncludes(page, "This page was opened at another address");
    assertStringIncludes(page, `href="${issuer}/"`);
    assert(!page.includes(`href="/account"`), "a path alone leads to the other address again");
  }
  for (
    const [origin, host] of [
      ["https://evil.example", "op.example"],
      ["null", "null"],
      ["", ""],
      ["file://", ""],
      ["https://evil.example", "evil.example:80"],
    ] as const
  ) {
    const page = await send(origin, host);
    assert(!page.includes("at another address"), `${origin} at ${host}`);
  }
});

for (const [name, open] of Object.entries(forms)) {
  Deno.test(`${name}: a form from another page, or from nowhere, is refused`, async () => {
    await using provider = await aProvider();
    const form = await open(provider);
    const { action, hidden } = formOf(form.page.body);
    const before = sessionCookie(form.browser);
    const jar = [...form.browser.cookies].map((pair) => pair.join("=")).join("; ");
    const origins = [
      undefined,
      "null",
      "https://evil.example",
      "http://op.example",
      "https://op.example.evil.example",
      "https://op.example:444",
      "HTTPS://OP.EXAMPLE",
    ];
    for (const origin of origins) {
      const response = await provider.request(action, {
        method: "POST",
        body: new URLSearchParams({ ...hidden, ...form.fields }),
        headers: { cookie: jar, ...(origin === undefined ? {} : { origin }) },
      });
      const body = await response.text();
      assertEquals(response.status, 400, origin);
      assertStringIncludes(body, "invalid_request");
      assertEquals(response.headers.get("set-cookie")?.includes("latchkey_session"), undefined);
    }
    assertEquals(sessionCookie(form.browser), before);
    assert(!outcomeOf(await post(form, {})).startsWith("page"), "the form itself was good");
  });

  Deno.test(`${name}: a form token belongs to one form of one browser`, async () => {
    await using provider = await aProvider();
    const form = await open(provider);
    const own = formOf(form.page.body).hidden;
    const another = formOf((await open(provider)).page.body).hidden;
    // Another page of the same browser: its token is for another thing.
    const elsewhere = await ask(provider, {
      browser: form.browser,
      parameters: { prompt: "consent" },
    });
    const cases = {
      missing: { form_token: undefined },
      empty: { form_token: "" },
      "cut short": { form_token: own.form_token?.slice(0, -1) },
      "another browser's": { form_token: another.form_token },
      "another page's": { form_token: formOf(elsewhere.body).hidden.form_token },
      "another browser's interaction, own token": {
        interaction: another.interaction,
        request: another.request,
      },
      "all of another browser's": another,
    };
    for (const [what, changes] of Object.entries(cases)) {
      assertEquals(outcomeOf(await post(form, changes)), "page invalid_request", what);
    }
    assert(!outcomeOf(await post(form, {})).startsWith("page"), "the form itself was good");
  });
}

Deno.test("another browser's interaction is refused, whoever is signed in there", async () => {
  await using provider = await aProvider();
  for (const name of ["login", "consent"]) {
    const { page } = await forms[name]!(provider);
    for (const stranger of [provider.browser(), await signedInBrowser(provider)]) {
      for (const path of ["/login", "/consent", "/authorize/resume"]) {
        const landing = await stranger.open(path + page.url.search);
        assertEquals(outcomeOf(landing), "page invalid_request", path);
      }
    }
  }
});

Deno.test("an interaction is over after its lifetime, for a browser that carries no request", async () => {
  await using provider = await aProvider({ lifetimes: { interaction: 600 } });
  for (const name of ["login", "consent"]) {
    const form = await forms[name]!(provider);
    provider.clock.advance(599);
    assertEquals((await form.browser.open(`/login${form.page.url.search}`)).response.status, 200);
    form.browser.cookies.delete("__Host-latchkey_requests");
    provider.clock.advance(1);
    assertEquals(outcomeOf(await post(form, {})), "page invalid_request");
    for (const path of ["/login", "/consent", "/authorize/resume"]) {
      const landing = await form.browser.open(path + form.page.url.search);
      assertEquals(outcomeOf(landing), "page invalid_request", path);
    }
  }
});

Deno.test("an id with a wrong form is refused without reading the store", async () => {
  await using provider = await aProvider();
  const browser = provider.browser();
  const ids = ["", "x", "../../x", "x".repeat(22), "x".repeat(5000), "a&interaction=b"];
  for (const path of ["/login", "/consent", "/authorize/resume"]) {
    for (const id of ids.filter((one) => path !== "/login" || one !== "")) {
      const landing = await browser.open(`${path}?interaction=${id}`);
      assertEquals(outcomeOf(landing), "page invalid_request", path + id);
    }
    if (path !== "/login") {
      assertEquals(outcomeOf(await browser.open(path)), "page invalid_request");
    }
  }
});

Deno.test("the pages keep the contract that test suites rely on", async () => {
  await using provider = await aProvider();
  const login = await forms.login!(provider);
  assertEquals(login.page.url.pathname, "/login");
  assertEquals(formOf(login.page.body).action, "/login");
  for (const part of ['id="login-submit"', 'name="username"', 'name="password"']) {
    assertStringIncludes(login.page.body, part);
  }
  const consent = await forms.consent!(provider);
  assertEquals(consent.page.url.pathname, "/consent");
  assertEquals(formOf(consent.page.body).action, "/consent");
  for (const part of ['id="consent-allow"', 'id="consent-deny"']) {
    assertStringIncludes(consent.page.body, part);
  }
  const logout = await forms.logout!(provider);
  assertEquals(logout.page.url.pathname, "/logout");
  assertStringIncludes(logout.page.body, 'id="logout-confirm"');
  const done = await post(logout, {});
  assert(done.url.href.startsWith(`${issuer}/logout`));
  assertStringIncludes(done.body, "signed out");
});

Deno.test("a page contains no secret, is not cached, cannot be framed, and runs no foreign script", async () => {
  await using provider = await aProvider();
  for (const [name, open] of Object.entries(forms)) {
    const { browser, page: { response, body } } = await open(provider);
    for (const secret of browser.cookies.values()) assert(!body.includes(secret), name);
    const policy = response.headers.get("content-security-policy") ?? "";
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assertStringIncludes(policy, rule);
    }
    assert(!policy.includes("unsafe") && !policy.includes("form-action"), policy);
    assertEquals(response.headers.get("referrer-policy"), "same-origin");
    assertEquals(response.headers.get("cache-control"), "no-store");
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assert(response.headers.has("strict-transport-security"));
    assertEquals(response.headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("a POST is answered with 303, so that no browser forwards a password", async () => {
  await using provider = await aProvider();
  for (const [name, open] of Object.entries(forms)) {
    if (name === "logout") continue; // ends on a page of its own
    const form = await open(provider);
    const { action, hidden } = formOf(form.page.body);
    const body = new URLSearchParams({ ...hidden, ...form.fields });
    const response = await form.browser.send(action, { method: "POST", body });
    assertEquals(response.status, 303, name);
  }
});

Deno.test("a client's name is text on every page", async () => {
  const client_name = '<img src=x onerror="alert(1)">';
  await using provider = await aProvider({
    clients: [aClient("shop", { client_name })],
  });
  for (const open of Object.values(forms)) {
    assert(!(await open(provider)).page.body.includes("<img src=x"));
  }
});
