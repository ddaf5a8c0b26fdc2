import { assertEquals } from "@std/assert";
import { ask, outcomeOf, submitLogin } from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";

const later = { expiresAt: 4_000_000_000 };
/** What another release may have sealed. */
const otherShapes: readonly unknown[] = [
  { value: [{ id: "x", request: { kind: "of another release" } }], ...later },
  { value: { requests: [] }, ...later },
  { requests: [], ...later },
  { value: [] },
  [],
  null,
  "text",
];

Deno.test("a sealed cookie of another shape is ignored: the browser signs in, and no page fails", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { skip_consent: true })] });
  for (const shape of otherShapes) {
    const text = JSON.stringify(shape);
    const browser = provider.browser();
    for (const purpose of ["requests", "error"]) {
      const sealed = await provider.deps.masterKey.seal(text, `${purpose} `);
      browser.cookies.set(`__Host-latchkey_${purpose}`, sealed);
    }
    assertEquals((await browser.open("/error")).response.status, 404, text);
    const page = await ask(provider, { browser });
    assertEquals(outcomeOf(page), "login", text);
    assertEquals(outcomeOf(await submitLogin(browser, page)), "code", text);
  }
});
