import { aClient } from "../../support/clients.ts";
import { giveApp, giveRecoveryCodes } from "../../support/factors.ts";
import { addPasskey, enterSecondFactor, openAccount } from "../support/account_steps.ts";
import { anAuthenticator } from "../support/authenticator.ts";
import { alice } from "../support/server.ts";
import { beginAtDemo, signIn, signOut } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const shop = { clients: [aClient("shop", { client_name: "Harbour Books" })] };

/** More than one factor, and the ways back. */
export const secondFactorPages: ReachablePages = {
  "second-factor": { open: openSecondFactor },
  "second-factor-wrong": {
    async open(place) {
      await openSecondFactor(place);
      await enterSecondFactor(place.page, "000000");
      await place.page.locator("#code-error").waitFor();
    },
  },
  "second-factor-recovery": {
    async open(place) {
      await openSecondFactor(place);
      await place.page.locator("main a[href*=recovery]").click();
      await place.page.locator("input[name=with][value=recovery-code]").waitFor({
        state: "attached",
      });
    },
  },
  "second-factor-passkey": {
    async open({ page, server }) {
      const authenticator = await anAuthenticator(page);
      await openAccount(page, alice);
      await addPasskey(page);
      await signOut(page);
      await authenticator.setTouches(false);
      await openSecondFactor({ page, server });
      await page.locator("#passkey-button").waitFor();
    },
  },
  "passkey-step": { server: shop, open: openPasskeyStep },
  "passkey-step-failed": {
    server: shop,
    async open(place) {
      await openPasskeyStep(place);
      await place.page.locator("#passkey-button").click();
      await place.page.locator("#passkey-status.notice-error").waitFor();
    },
  },
  "sign-in-help": {
    async open({ page }) {
      await beginAtDemo(page);
      await page.locator("main a[href^='/login/help']").click();
      await page.waitForURL("/login/help?*");
    },
  },
};

async function openSecondFactor({ page, server }: Pick<Place, "page" | "server">) {
  await giveApp(server.provider);
  await giveRecoveryCodes(server.provider);
  await beginAtDemo(page);
  await signIn(page, alice);
  await page.locator("#second-factor-submit").waitFor();
}

async function openPasskeyStep({ page, server }: Place) {
  const authenticator = await anAuthenticator(page);
  await openAccount(page, alice);
  await addPasskey(page);
  for (const passkey of await authenticator.passkeys()) await authenticator.forget(passkey);
  await page.goto(server.provider.authorizeUrl({ parameters: { acr_values: "phr" } }));
  await page.locator("#passkey-button").waitFor();
}
