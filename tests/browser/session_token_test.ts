import type { Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import { journey, type World } from "./support/journey.ts";
import { alice, type BrowserServer } from "./support/server.ts";
import { allow, signIn } from "./support/steps.ts";

const folder = new URL("../../examples/session-token/", import.meta.url);
const exampleClient = "example-session-token";

/** The example, at an address of its own and with a server whose client it is. */
async function theExample({ aServer, aSite }: World) {
  let server: BrowserServer | null = null;
  const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
    "/": ["index.html", "text/html"],
    "/app.js": ["app.js", "text/javascript"],
  };
  const site = aSite(async (request) => {
    const [name, type] = files[new URL(request.url).pathname] ?? [];
    if (name === undefined || server === null) return new Response(null, { status: 204 });
    const text = await Deno.readTextFile(new URL(name, folder));
    return new Response(text.replaceAll("http://localhost:8000", server.issuer), {
      headers: { "content-type": `${type}; charset=utf-8` },
    });
  });
  const bootstrap = JSON.parse(
    await Deno.readTextFile(new URL("../bootstrap.json", folder)),
  );
  const written = bootstrap.clients.find(
    ({ client_id }: { client_id: string }) => client_id === exampleClient,
  );
  const moved = JSON.stringify(written).replaceAll("http://127.0.0.1:3000", site.origin);
  server = await aServer({ clients: [JSON.parse(moved)] });
  return { server, site };
}

journey("a page of another site learns by a popup who is signed in, once", async (world) => {
  const { server, site } = await theExample(world);
  const { page } = await world.aPerson(server);
  await page.goto(site.origin);
  const ask = page.locator("#ask");
  const status = page.locator("#status");

  await ask.click();
  await page.locator("#login").waitFor();
  assertEquals(await status.innerText(), "Nobody is signed in at the provider.");

  await page.locator("#login").click();
  await signIn(page, alice);
  await allow(page);
  await page.waitForURL(`${site.origin}/`);
  const opened = page.waitForEvent("popup");
  await ask.click();
  const popup = await opened;

  await status.getByText("Signed in at the provider as").waitFor();
  const answer = JSON.parse(await page.locator("#answer").innerText());
  const { userId } = await server.provider.userOf(alice.username);
  assertEquals([answer.sub, answer.amr], [userId, ["pwd"]]);
  await closed(popup);
});

journey("somebody else's page gets no message, whatever origin it names", async (world) => {
  const { server, site } = await theExample(world);
  const thief = world.aSite(() =>
    new Response("<!DOCTYPE html><title>thief</title><p>hello", {
      headers: { "content-type": "text/html" },
    })
  );
  // The browser says there that it keeps the message back.
  const mayLog = /does not match the recipient window's origin/;
  const { page } = await world.aPerson(server, { mayLog });
  await page.goto(site.origin);
  await page.locator("#ask").click();
  await page.locator("#login").click();
  await signIn(page, alice);
  await allow(page);
  await page.waitForURL(`${site.origin}/`);

  await page.goto(thief.origin);
  await page.evaluate("window.heard = []; onmessage = (event) => heard.push(event.data)");
  const askFor = async (origin: string) => {
    const query = new URLSearchParams({ client_id: exampleClient, origin });
    const opened = page.waitForEvent("popup");
    await page.evaluate(`window.popup = open("${server.issuer}/session/token?${query}"), null`);
    return await opened;
  };
  await closed(await askFor(site.origin)); // it has told somebody, and closes itself
  const refused = await askFor(thief.origin);
  await refused.locator("h1").waitFor();
  await page.evaluate("popup.close()");
  await page.evaluate("postMessage('the last one', '*')");
  await page.waitForFunction("heard.includes('the last one')");
  assertEquals(await page.evaluate("heard"), ["the last one"]);
});

async function closed(popup: Page) {
  if (!popup.isClosed()) await popup.waitForEvent("close");
}
