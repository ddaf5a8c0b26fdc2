import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "jose";
import { systemTimers } from "../../stores/engine/kv.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import { tellOfLogouts } from "../../src/logout/worker.ts";
import { sessionCookie, withSessionCookie } from "../support/authorization.ts";
import type { Landing } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { logoutReceiver } from "../support/logout_receiver.ts";
import { aProvider, issuer } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

const front = (name: string, path = "/logout") => ({
  frontchannel_logout_uri: `https://${name}.example${path}`,
});
const back = (name: string) => ({ backchannel_logout_uri: `https://${name}.example/backchannel` });
const framed = aClient("framed", front("framed"));
const shop = aClient("shop", back("shop"));
const desk = aClient("desk", { ...back("desk"), ...front("desk", "/a;b,c?way=1") });

function framesOf({ body }: Landing): string[] {
  return [...body.matchAll(/<iframe[^>]* src="([^"]*)"/g)].map(([, url = ""]) =>
    url.replaceAll("&amp;", "&")
  );
}

function frameSources({ response }: Landing): string[] {
  const policy = response.headers.get("content-security-policy") ?? "";
  const [, sources = ""] = /frame-src ([^;]*)/.exec(policy) ?? [];
  return sources.split(" ").filter((source) => source !== "");
}

/** What the page says of applications. */
function saidOf({ body }: Landing): string[] {
  return [...body.matchAll(/<li>(.*?)<\/li>/g)].map(([, text = ""]) =>
    text.replaceAll(/<[^>]*>/g, "")
  )
    .toSorted();
}

Deno.test("the logged-out page says which applications were told, and opens the frames of those that the browser tells", async () => {
  const receiver = logoutReceiver();
  const late = aClient("late", back("late"));
  const rude = aClient("rude", back("rude"));
  const other = aClient("other", { ...back("other"), ...front("other") });
  const mute = aClient("mute");
  const clients = [framed, shop, desk, late, rude, other, mute];
  // The patience of the page ends at once.
  const sleep: typeof systemTimers.sleep = async (milliseconds, signal) => {
    if (milliseconds !== 2000) return await systemTimers.sleep(milliseconds, signal);
    while (receiver.received.length < 4) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await using provider = await aProvider({ clients, transport: receiver, timers: { sleep } });
  receiver.answer("https://rude.example/backchannel", 400);
  const answer = Promise.withResolvers<number>();
  receiver.answer("https://late.example/backchannel", () => answer.promise);
  const browser = provider.browser();
  const tokens = await signIn(provider, { browser, client: "framed" });
  for (const client of ["shop", "desk", "late", "rude", "mute"]) {
    await signIn(provider, { browser, client });
  }
  await signIn(provider, { client: "other" });
  const sid = String(decodeJwt(tokens.id_token).sid);

  const page = await browser.submit(await browser.open("/logout"), {});

  assertStringIncludes(page.body, "signed out");
  assertEquals(saidOf(page), [
    "The desk was told.",
    "The framed is being told by your browser.",
    "The late has not answered yet. It will be told again.",
    "The rude could not be told. Sign out there too.",
    "The shop was told.",
  ]);
  const query = new URLSearchParams({ iss: issuer, sid });
  assertEquals(framesOf(page).toSorted(), [
    `https://desk.example/a;b,c?way=1&${query}`,
    `https://framed.example/logout?${query}`,
  ]);
  assertEquals(frameSources(page).toSorted(), [
    "https://desk.example/a%3Bb%2Cc",
    "https://framed.example/logout",
  ]);
  assertMatch(page.body, /<iframe[^>]* sandbox="allow-forms allow-same-origin allow-scripts"/);
  assertEquals(page.response.headers.get("cache-control"), "no-store");
  // Shown once: the next sign-out has nothing to tell.
  const again = await browser.open("/logout");
  assertEquals([saidOf(again), framesOf(again), frameSources(again)], [[], [], []]);
  answer.resolve(200);
  await provider.deps.background.ended();
  await tellOfLogouts(provider.deps);
  assertEquals(receiver.accepted().map((text) => text.split(" ")[0]), ["desk", "late", "shop"]);
});

Deno.test("the browser opens the frames before it goes back to an application, and waits for nothing else", async () => {
  const receiver = logoutReceiver();
  const target = "https://shop.example/bye";
  const clients = [shop, framed, aClient("plain")];
  await using provider = await aProvider({ clients, transport: receiver });
  receiver.answer("https://shop.example/backchannel", () => new Promise(() => {}));
  const hint = (id_token: string) =>
    `/logout?${new URLSearchParams({
      id_token_hint: id_token,
      post_logout_redirect_uri: target,
      state: "x&y",
    })}`;
  // Without frames: at once, although an application would hang.
  const browser = provider.browser();
  const { id_token } = await signIn(provider, { browser });
  const at = await browser.open(hint(id_token));
  assertEquals(at.url.href, `${target}?state=x%26y`);
  assertEquals(receiver.received.length, 0);

  const other = provider.browser();
  const tokens = await signIn(provider, { browser: other });
  await signIn(provider, { browser: other, client: "framed" });
  const page = await other.open(hint(tokens.id_token));
  assertEquals(page.url.pathname, "/logout");
  assertEquals(framesOf(page).length, 1);
  assertStringIncludes(page.body, `href="${target}?state=x%26y"`);
  assertStringIncludes(page.body, "signed out");
  const nonce = /<script nonce="([^"]+)"/.exec(page.body)?.[1] ?? "none";
  const policy = page.response.headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, `script-src 'nonce-${nonce}'`);
  assertEquals(receiver.received.length, 0);
  assertEquals(sessionCookie(other), undefined);
});

Deno.test("the browser tells all applications of a session, also those that the page does not name", async () => {
  const names = Array.from({ length: 60 }, (_, n) => `app${n}.with-a-long-name-of-its-own`);
  const clients = names.map((name) => aClient(name, front(name, `/a-long-path-to-the-logout`)));
  await using provider = await aProvider({ clients, transport: logoutReceiver() });
  const browser = provider.browser();
  await signIn(provider, { browser, client: names[0] ?? "" });
  const { kv } = provider.deps;
  const { entries: [noted] } = await kv.list({ collection: sessionClients.all, limit: 1 });
  assert(noted);
  const sessionId = sessionClients.sessionIdOf(noted);
  await kv.step(systemOrigin, (tx) => {
    for (const clientId of names) sessionClients.add(tx, { sessionId, clientId }, noted.value);
  });
  const page = await browser.submit(await browser.open("/logout"), {});
  assertEquals(new Set(framesOf(page)).size, names.length);
  assertEquals(saidOf(page).length, 20);
  const policy = page.response.headers.get("content-security-policy") ?? "";
  assert(policy.length < 4096, "proxies refuse longer headers");
  const allowed = frameSources(page);
  for (const url of framesOf(page).map((url) => new URL(url))) {
    const sources = [`${url.origin}${url.pathname}`, url.origin, url.protocol];
    assert(sources.some((source) => allowed.includes(source)), url.href);
  }
});

Deno.test("only a browser with the session's secret sees its applications, and no other page has frames", async () => {
  await using provider = await aProvider({ clients: [framed], transport: logoutReceiver() });
  const browser = provider.browser();
  await signIn(provider, { browser, client: "framed" });
  const cookie = sessionCookie(browser) ?? "";
  const guessed = withSessionCookie(provider, cookie.slice(0, -43) + "A".repeat(43));
  const page = await guessed.open("/logout");
  assertStringIncludes(page.body, "signed out");
  assertEquals([saidOf(page), framesOf(page)], [[], []]);
  const asked = await browser.open("/logout");
  assert(!asked.body.includes("<iframe"));
  assertEquals(frameSources(asked), []);
});
