import type { KvBackend } from "../../../stores/engine/kv.ts";
import { aClient } from "../../support/clients.ts";
import { defaultConfig } from "../../support/config.ts";
import { alice } from "../support/server.ts";
import { allow, beginAtDemo, signIn, signInToDemo } from "../support/steps.ts";
import type { ReachablePages } from "./page.ts";

const shop = aClient("shop", { client_name: "Harbour Books" });

/** What people see when something is wrong, whoever's fault it is. */
export const errorPages: ReachablePages = {
  "error-not-found": {
    async open({ page }) {
      await page.goto("/nowhere");
    },
  },
  "error-form-address": {
    async open({ page }) {
      await page.goto("/password-reset/confirm");
    },
  },
  "error-unknown-client": {
    server: { clients: [shop] },
    async open({ page, server }) {
      const parameters = { client_id: "nobody" };
      await page.goto(server.provider.authorizeUrl({ parameters }));
    },
  },
  "error-redirect-uri": {
    server: { clients: [shop] },
    async open({ page, server }) {
      const parameters = { redirect_uri: "https://shop.example/elsewhere" };
      await page.goto(server.provider.authorizeUrl({ parameters }));
    },
  },
  "error-other-browser": {
    async open({ page, context }) {
      await beginAtDemo(page);
      await page.locator("#login-submit").waitFor();
      const address = page.url();
      await context.clearCookies();
      await page.goto(address);
    },
  },
  "error-form-refused": {
    async open({ page }) {
      await beginAtDemo(page);
      await page.locator("#login-submit").waitFor();
      // Without it browsers do not say where the form comes from.
      await page.evaluate(
        `document.head.append(Object.assign(document.createElement("meta"), { name: "referrer", content: "no-referrer" }))`,
      );
      await signIn(page, alice);
      await page.locator("#login-submit").waitFor({ state: "detached" });
    },
  },
  "error-no-cookies": {
    async open({ page, context }) {
      await page.goto("/password-reset");
      await page.locator("#username").fill("alice");
      await context.clearCookies();
      await page.locator("main form button").click();
      await page.locator("#username").waitFor({ state: "detached" });
    },
  },
  "error-other-address": {
    async open({ page, server }) {
      await page.goto(`${server.issuer.replace("localhost", "127.0.0.1")}/dev/app`);
      await page.locator("main form button").click();
      await page.locator(`a[href="${server.issuer}/"]`).waitFor();
    },
  },
  "error-finished": {
    async open({ page, server }) {
      await beginAtDemo(page);
      await signIn(page, alice);
      await page.locator("#consent-allow").waitFor();
      const address = page.url();
      await allow(page);
      await page.locator("#demo-person").waitFor();
      server.provider.clock.advance(61); // as long as a code lives, its page may repeat it
      await page.goto(address);
    },
  },
  "error-sign-out-refused": {
    server: { clients: [shop] },
    async open({ page }) {
      await signInToDemo(page, alice);
      const query = { client_id: "shop", post_logout_redirect_uri: "https://shop.example/other" };
      await page.goto(`/logout?${new URLSearchParams(query)}`);
    },
  },
  "error-too-many": {
    server: {
      config: {
        rateLimits: true,
        limits: { ...defaultConfig.limits, authorize: { count: 1, seconds: 60 } },
      },
    },
    async open({ page }) {
      await page.goto("/authorize");
      await page.goto("/authorize");
    },
  },
  "error-unavailable": {
    server: { wrap: storeThatGoesAway },
    async open({ page }) {
      await page.goto("/password-reset");
      isAway = true;
      await page.goto(`/password-reset/confirm?token=${"A".repeat(43)}`);
    },
  },
};

let isAway = false;

function storeThatGoesAway(store: KvBackend): KvBackend {
  isAway = false;
  const getMany: KvBackend["getMany"] = (keys) =>
    isAway ? Promise.reject(new Error("the store is away")) : store.getMany(keys);
  return { ...store, getMany };
}
