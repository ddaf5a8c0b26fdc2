import { assertEquals } from "@std/assert";
import { carriedLifetime } from "../../src/interactions/carried.ts";
import { anAdminApi } from "../admin/api.ts";
import { outcomeOf, submitLogin } from "../support/authorization.ts";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { defaultConfig } from "../support/config.ts";
import { issuer, type TestProvider } from "../support/provider.ts";

const { interaction } = defaultConfig.lifetimes;
/** Seconds: at once, after the push has expired, after the interaction too, and at the end of its cookie. */
const waits = [0, interaction - 1, interaction + 1, interaction + carriedLifetime - 1];

async function pushedUrl(provider: TestProvider): Promise<string> {
  const parameters = new URL(provider.authorizeUrl(), issuer).searchParams;
  const form = { ...Object.fromEntries(parameters), ...provider.credentials("shop") };
  const { request_uri } = await (await provider.post("/par", form)).json();
  return `/authorize?${new URLSearchParams({ client_id: "shop", request_uri })}`;
}

/** A cross-site POST, which is stored before a browser continues it. */
async function postedUrl(provider: TestProvider, url: string): Promise<string> {
  const response = await provider.request("/authorize", {
    method: "POST",
    body: new URLSearchParams(url.slice(url.indexOf("?") + 1)),
    headers: { origin: "https://shop.example" },
  });
  return response.headers.get("location") ?? "";
}

const begins: Readonly<
  Record<string, (provider: TestProvider, browser: Browser) => ReturnType<Browser["open"]>>
> = {
  "by GET": async (provider, browser) => browser.open(await pushedUrl(provider)),
  "by POST": async (provider, browser) =>
    browser.open(await postedUrl(provider, await pushedUrl(provider))),
};

for (const [how, begin] of Object.entries(begins)) {
  Deno.test(`a pushed request that began ${how} is refused after its client's secret was rotated, however long it waits`, async () => {
    const clients = [aClient("shop", { skip_consent: true })];
    for (const wait of waits) {
      for (const isRotated of [false, true]) {
        await using server = await anAdminApi({ clients });
        const { provider } = server;
        const browser = provider.browser();
        const page = await begin(provider, browser);
        assertEquals(outcomeOf(page), "login");
        if (isRotated) {
          assertEquals((await server.post("/clients/shop/rotate-secret")).status, 200);
        }
        provider.clock.advance(wait);
        const outcome = outcomeOf(await submitLogin(browser, page));
        const expected = isRotated ? "page invalid_request_uri" : "code";
        assertEquals(outcome, expected, `after ${wait} seconds`);
      }
    }
  });
}
