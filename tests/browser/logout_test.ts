import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { decodeJwt } from "jose";
import { aClient } from "../support/clients.ts";
import { journey, type World } from "./support/journey.ts";
import { alice, type BrowserServer } from "./support/server.ts";
import { signIn, signOut } from "./support/steps.ts";

/** A page of an application, with what it heard from the provider's frame. */
const listening = `<!DOCTYPE html><title>app</title><p>app</p><script>
window.heard = [];
onmessage = ({ data }) => heard.push(data);
</script>`;

/** Signs in for a client, in the browser. @returns the response, and the ID token's `sid` */
async function signInFor(page: Page, { provider }: BrowserServer, client: string) {
  await page.goto(provider.authorizeUrl({ client }));
  await page.waitForURL(/\/login|callback/);
  if (page.url().includes("/login")) {
    await signIn(page, alice);
    await page.waitForURL(/callback/);
  }
  const { searchParams } = new URL(page.url());
  const tokens = await (await provider.exchange(searchParams.get("code") ?? "", { client })).json();
  return { state: searchParams.get("session_state"), sid: decodeJwt(tokens.id_token).sid };
}

function clientAt(origin: string, name: string, members: Record<string, unknown> = {}) {
  return aClient(name, {
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/bye`],
    skip_consent: true,
    ...members,
  });
}

journey(
  "the browser tells applications of a logout, and none that hangs keeps it from going back",
  async (world) => {
    const asked: string[] = [];
    const site = world.aSite((request) => {
      asked.push(request.url);
      return new Response("here");
    });
    const never = Promise.withResolvers<Response>();
    const hanging = world.aSite((request) =>
      new URL(request.url).pathname === "/logout" ? never.promise : new Response("here")
    );
    const server = await world.aServer({
      clients: [
        clientAt(site.origin, "shop", { frontchannel_logout_uri: `${site.origin}/logout` }),
        clientAt(hanging.origin, "slow", { frontchannel_logout_uri: `${hanging.origin}/logout` }),
      ],
    });
    const { page } = await world.aPerson(server);
    await signInFor(page, server, "slow");
    const { sid } = await signInFor(page, server, "shop");

    const query = new URLSearchParams({
      client_id: "shop",
      post_logout_redirect_uri: `${site.origin}/bye`,
    });
    await page.goto(`/logout?${query}`);
    await page.locator("#logout-confirm").click();
    await page.waitForURL(`${site.origin}/bye`);

    const told = asked.filter((url) => url.includes("/logout"));
    const expected = new URLSearchParams({ iss: server.issuer, sid: String(sid) });
    assertEquals(told, [`${site.origin}/logout?${expected}`]);
    never.resolve(new Response("late"));
  },
);

journey(
  "a page of another site notices by the frame that the session has ended",
  async (world: World) => {
    const site = world.aSite(() =>
      new Response(listening, { headers: { "content-type": "text/html" } })
    );
    // On the provider's site: in development its cookies are not for frames of other sites.
    const origin = site.origin.replace("127.0.0.1", "localhost");
    const server = await world.aServer({ clients: [clientAt(origin, "shop")] });
    const { page, newTab } = await world.aPerson(server);
    const { state } = await signInFor(page, server, "shop");
    await page.evaluate(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = ${JSON.stringify(`${server.issuer}/session/check`)};
    frame.onload = resolve;
    document.body.append(frame);
    window.frame = frame;
  })`);
    const answerTo = async (message: string) => {
      await page.evaluate(`(heard.length = 0,
      frame.contentWindow.postMessage(${JSON.stringify(message)}, "*"))`);
      await page.waitForFunction("heard.length > 0");
      return await page.evaluate("heard[0]");
    };
    assertEquals(await answerTo(`shop ${state}`), "unchanged");
    assertEquals(await answerTo(`desk ${state}`), "changed");
    for (const nonsense of ["", "shop", `shop ${state}.x`, " a.b", "shop a."]) {
      assertEquals(await answerTo(nonsense), "error", nonsense);
    }
    await signOut(await newTab());
    assertEquals(await answerTo(`shop ${state}`), "changed");
  },
);
