import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wingsOf } from "../../routes/browser_app.ts";
import type { Endpoint } from "../../routes/endpoint.ts";
import { isPageForm } from "../../routes/http/page_form.ts";
import { adminWing } from "../../routes/admin/index.ts";
import { protocolWing } from "../../routes/protocol/browser_wing.ts";
import { countedKv } from "../support/counted_kv.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";

/** What changes something without a form of ours, and why it may. */
const withoutForm: Readonly<Record<string, string>> = {
  "POST /authorize": "a client's page may send it; it is kept and answered with a redirect",
  "POST /logout": "a client's page may send it; it is kept and answered with a redirect",
  "POST /session/extend": "a script of a client sends it; its Origin must be a web_origin",
  "DELETE /session": "a script of ours sends it; no page of another origin can send a DELETE",
};

Deno.test("every page that changes something has a checked form, or is listed with a reason", async () => {
  await using provider = await aProvider({ config: { environment: "development" } });
  const found: string[] = [];
  for (const endpoint of pageEndpoints(provider)) {
    const handler = endpoint.handlers.at(-1);
    assert(handler !== undefined);
    if (isPageForm(handler)) continue;
    const changing = endpoint.methods.filter((method) => method !== "GET");
    found.push(...changing.map((method) => `${method} ${endpoint.path}`));
  }
  assertEquals(found.sort(), Object.keys(withoutForm).sort());
});

Deno.test("a form without Origin, from another origin or without its token changes nothing", async () => {
  const kv = countedKv();
  await using provider = await aProvider({
    config: { environment: "development", signUp: "open" },
    wrap: kv.wrap,
  });
  const forms = pageEndpoints(provider).filter(({ handlers: [handler] }) =>
    handler !== undefined && isPageForm(handler)
  );
  assert(forms.length > 30, `only ${forms.length} forms were found`);
  const id = "A".repeat(22);
  const fields = { interaction: id, request: id, token: "A".repeat(43), session: id };
  const attempts: Record<string, { origin?: string; token?: string }> = {
    "no Origin": { token: "A".repeat(43) },
    "another origin": { origin: "https://evil.example", token: "A".repeat(43) },
    "no token": { origin: issuer },
    "a made-up token": { origin: issuer, token: "A".repeat(43) },
  };
  for (const { path } of forms) {
    for (const [name, { origin, token }] of Object.entries(attempts)) {
      const called = kv.calls.length;
      const response = await provider.request(path.replaceAll(/:\w+\{.*?\}+/g, "A".repeat(43)), {
        method: "POST",
        body: new URLSearchParams({ ...fields, ...(token ? { form_token: token } : {}) }),
        headers: origin === undefined ? {} : { origin },
      });
      const what = `${path} with ${name}`;
      const text = await response.text();
      assertEquals(response.status, 400, what);
      assertStringIncludes(text, "invalid_request", what);
      assertEquals(
        response.headers.get("set-cookie")?.includes("latchkey_session") ?? false,
        false,
      );
      assertEquals(kv.calls.slice(called), [], `${what}: the store was asked`);
    }
  }
});

/** What people and developers open; programs have the other wings. */
function pageEndpoints({ deps }: TestProvider): readonly Endpoint[] {
  const programs = new Set(
    [protocolWing(deps), adminWing(deps)].flatMap(({ endpoints }) =>
      endpoints.map(({ methods, path }) => `${methods} ${path}`)
    ),
  );
  return wingsOf(deps).flatMap(({ endpoints }) => endpoints)
    .filter(({ methods, path }) => !programs.has(`${methods} ${path}`));
}
