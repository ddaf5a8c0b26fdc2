import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import {
  ask,
  codeAt,
  continueAs,
  outcomeAt,
  outcomeOf,
  signedInBrowser,
  submitLogin,
} from "../support/authorization.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { tokensOf } from "../support/tokens.ts";

Deno.test("max_age requires a new sign-in if the last one is older", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  provider.clock.advance(100);
  const outcomes: Record<string, string> = {};
  for (const max_age of ["0", "1", "99", "100", "101", "100000"]) {
    outcomes[max_age] = await outcomeAt(provider, browser, { max_age });
  }
  assertEquals(outcomes, {
    "0": "login",
    "1": "login",
    "99": "login",
    "100": "login",
    "101": "code",
    "100000": "code",
  });
});

Deno.test("max_age=0 is met only by a sign-in for this request", async () => {
  await using provider = await aProvider();
  const browser = await signedInBrowser(provider);
  const page = await ask(provider, { browser, parameters: { max_age: "0" } });
  assertEquals(outcomeOf(await submitLogin(browser, page)), "code");
  assertEquals(await outcomeAt(provider, browser, { max_age: "0" }), "login");
});

Deno.test("a client's default_max_age is used if the request has none", async () => {
  await using provider = await aProvider({ clients: [aClient("bank", { default_max_age: 60 })] });
  const browser = await signedInBrowser(provider);
  assertEquals(await outcomeAt(provider, browser, {}), "code");
  provider.clock.advance(61);
  assertEquals(await outcomeAt(provider, browser, {}), "login");
  assertEquals(await outcomeAt(provider, browser, { max_age: "3600" }), "code");
  assertEquals(await outcomeAt(provider, browser, { prompt: "none" }), "error login_required");
});

Deno.test("auth_time is the time of the real sign-in", async () => {
  await using provider = await aProvider();
  const signedInAt = provider.clock.seconds();
  const browser = await signedInBrowser(provider);

  provider.clock.advance(500);
  const silent = await ask(provider, { browser, parameters: { prompt: "none" } });
  assertEquals(await authTimeOf(codeAt(silent)), signedInAt);

  // A repeated sign-in renews it, also where the exchange comes later.
  const page = await ask(provider, { browser, parameters: { prompt: "login" } });
  const code = codeAt(await submitLogin(browser, page));
  provider.clock.advance(30);
  assertEquals(await authTimeOf(code), signedInAt + 500);

  // "Continue as" is no proof, and changes nothing.
  const select = await ask(provider, { browser, parameters: { prompt: "select_account" } });
  const chosen = await continueAs(browser, select);
  assertEquals(await authTimeOf(codeAt(chosen)), signedInAt + 500);

  async function authTimeOf(code: string) {
    const { id_token } = await tokensOf(await provider.exchange(code));
    return decodeJwt(id_token).auth_time;
  }
});
