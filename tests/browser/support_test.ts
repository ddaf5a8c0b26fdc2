import type { Page } from "playwright-core";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { anAuthenticator, reachesAuthenticator } from "./support/authenticator.ts";
import { assertAccessible, assertFitsPhone, assertSmall } from "./support/checks.ts";
import { journey } from "./support/journey.ts";
import { aPersonAt } from "./support/person.ts";
import { readPng, smallPng } from "./support/small_png.ts";

// That what the journeys trust in can be trusted.

const rp = `{ name: "Latchkey" }, user: { id: new Uint8Array(8), name: "a", displayName: "A" }`;

async function create(page: Page): Promise<void> {
  await page.evaluate(`navigator.credentials.create({ publicKey: {
    challenge: new Uint8Array(32), rp: ${rp}, pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
  } }).then(() => null)`);
}

/** What the authenticator signed: whether it knew its owner, and the counter. */
async function get(page: Page, more = ""): Promise<{ verified: boolean; signCount: number }> {
  return await page.evaluate(`navigator.credentials.get({ ${more} publicKey: {
    challenge: new Uint8Array(32), userVerification: "preferred",
  } }).then(({ response }) => {
    const data = new DataView(response.authenticatorData);
    return { verified: (data.getUint8(32) & 4) !== 0, signCount: data.getUint32(33) };
  })`);
}

journey("an authenticator signs and counts, its clone from where it was", async (world) => {
  const server = await world.aServer();
  const { page: hers } = await world.aPerson(server);
  const { page: theirs } = await world.aPerson(server);
  await hers.goto("/");
  await theirs.goto("/");
  const authenticator = await anAuthenticator(hers);
  await create(hers);
  const [passkey] = await authenticator.passkeys();
  assert(passkey, "it keeps the passkey");
  const clone = await anAuthenticator(theirs);
  await clone.add(passkey);

  const first = await get(hers);
  const second = await get(hers);
  assertEquals(second, { verified: true, signCount: first.signCount + 1 });
  assertEquals(await get(theirs), first);

  for (const signCount of [41, 0, -1]) {
    await authenticator.setSignCount(passkey, signCount);
    assertEquals(await get(hers), { verified: true, signCount: signCount + 1 });
  }
  await authenticator.setVerifies(false);
  await assertRejects(() => get(hers), Error, "NotAllowedError");
});

journey("autofill stays open until somebody touches, and gives way to a button", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await page.goto("/");
  const authenticator = await anAuthenticator(page);
  await create(page);
  await authenticator.setTouches(false);
  await page.evaluate(`
    window.stop = new AbortController();
    window.autofill = navigator.credentials.get({
      mediation: "conditional", signal: stop.signal, publicKey: { challenge: new Uint8Array(32) },
    }).then(() => "signed", (error) => error.name);
    null;
  `);
  await reachesAuthenticator(page);
  await authenticator.setTouches(true);
  await page.evaluate("stop.abort()");
  await authenticator.signature(() => get(page));
  assertEquals(await page.evaluate("autofill"), "AbortError");
});

journey("what no page of ours may do is found out", async (world) => {
  const other = world.aSite();
  const site = world.aSite(() =>
    aPage(`<p>hello<img alt="" src="${other.origin}/pixel"><script>console.error("oh")</script>`)
  );
  const strict = world.aSite(() => aPage(`<p style="color:red">hello`, "default-src 'none'"));
  const broken = world.aSite(() => aPage(`<script>undefinedThing()</script>`));
  const { context } = await world.aPerson(await world.aServer());
  const browser = context.browser();
  assert(browser);
  const complaintsAt = async (origin: string) => {
    const { page, watch } = await aPersonAt(browser, { issuer: origin });
    await page.goto("/", { waitUntil: "networkidle" });
    await page.context().close();
    return watch.complaints.join("\n");
  };

  const said = await complaintsAt(site.origin);
  assertStringIncludes(said, `asked for ${other.origin}/pixel`);
  assertStringIncludes(said, "says: oh");
  assertStringIncludes(await complaintsAt(strict.origin), "Content Security Policy");
  assertStringIncludes(await complaintsAt(broken.origin), "undefinedThing");
});

journey("a page that is hard to read, too wide or too big is found out", async (world) => {
  const bad = world.aSite(() =>
    aPage(`<style>@media (prefers-color-scheme:dark){p{color:#222;background:#000}}</style>
      <main><h1>hello</h1><p>hello<div style="width:400px">wide</div></main>`)
  );
  const { page } = await world.aPerson(await world.aServer());
  await page.goto(bad.origin);
  const hard = await assertRejects(() => assertAccessible(page), Error, "color-contrast");
  assertStringIncludes(hard.message, "in dark");
  await assertRejects(() => assertFitsPhone(page), Error, "scrolls sideways");
  await assertRejects(() => assertSmall(page, 100), Error, "bytes");
});

journey("a small picture has the pixels of the large one", async (world) => {
  const { page } = await world.aPerson(await world.aServer());
  await page.goto("/");
  const taken = await page.screenshot();
  const large = await readPng(page, taken);
  const png = smallPng(large);
  const small = await readPng(page, png);

  assert(png.length < taken.length / 2, `${png.length} of ${taken.length} bytes`);
  assertEquals([small.width, small.height], [large.width, large.height]);
  const furthest = large.rgba.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (small.rgba[i] ?? 0))),
    0,
  );
  assert(furthest < 16, `a channel is ${furthest} off`);
});

function aPage(body: string, policy?: string): Response {
  const document = `<!DOCTYPE html><html lang="en"><title>a page</title>${body}`;
  return new Response(document, {
    headers: {
      "content-type": "text/html",
      ...(policy === undefined ? {} : { "content-security-policy": policy }),
    },
  });
}
