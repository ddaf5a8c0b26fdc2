import * as providers from "../../../stores/provider.ts";
import { isPresent } from "../../../stores/engine/collection.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import type { TestProvider } from "../../support/provider.ts";
import { openAccount } from "../support/account_steps.ts";
import { alice, bob } from "../support/server.ts";
import { openNewestLink, signInToDemo } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

/** The account, but for how somebody signs in, which is in account_security.ts. */
export const accountPages: ReachablePages = {
  "account": { open: openUsed },
  "account-confirm": {
    async open({ page, server }) {
      await openAccount(page, alice, "/account/data");
      server.provider.clock.advance(301);
      await page.goto("/account/data/delete");
      await page.locator("#login-submit").waitFor();
    },
  },
  "account-profile": { open: ({ page }) => openAccount(page, alice, "/account/profile") },
  "account-profile-wrong": {
    async open({ page }) {
      await openAccount(page, alice, "/account/profile");
      await page.locator("#picture").fill("me.png");
      await page.locator("#birthdate").fill("31.12.1990");
      await page.locator("#profile-submit").click();
      await page.locator("#birthdate-error").waitFor();
    },
  },
  "account-profile-own": {
    async open({ page, server }) {
      await defineClaims(server.provider);
      await openAccount(page, alice, "/account/profile");
      await page.locator('[name="claim.age"]').fill("old");
      await page.locator("#own-claims-submit").click();
      await page.locator("#own-claims .field-error, [id='claim.age-error']").first().waitFor();
    },
  },
  "account-sessions": { open: (place) => openUsed(place, "/account/sessions") },
  "account-applications": { open: (place) => openUsed(place, "/account/applications") },
  "account-applications-none": {
    open: ({ page }) => openAccount(page, alice, "/account/applications"),
  },
  "account-withdraw": {
    async open(place) {
      await openUsed(place, "/account/applications");
      await place.page.locator(".item-action a").click();
      await place.page.locator("#withdraw-confirm").waitFor();
    },
  },
  "account-activity": { open: (place) => openUsed(place, "/account/activity") },
  "account-data": { open: ({ page }) => openAccount(page, alice, "/account/data") },
  "account-delete-wrong": {
    async open({ page }) {
      await openAccount(page, alice, "/account/data/delete");
      await page.locator("#username").fill("bob");
      await page.locator("#delete-account-confirm").click();
      await page.locator("#username-error").waitFor();
    },
  },
  "account-deleted": {
    async open({ page }) {
      await openAccount(page, alice, "/account/data/delete");
      await page.locator("#username").fill("alice");
      await page.locator("#delete-account-confirm").click();
      await page.waitForURL("/account/deleted");
    },
  },
  "address": { open: openAddressLink },
  "address-done": {
    async open(place) {
      await openAddressLink(place);
      await place.page.locator("#address-confirm").click();
      await place.page.locator("#address-confirm").waitFor({ state: "detached" });
    },
  },
};

/** A page of an account that has a history: two browsers, an app, a day. */
async function openUsed({ page, server }: Place, path = "/account") {
  await signInToDemo(page, alice);
  server.provider.clock.advance(86_000); // a little less than a session lives without being used
  await page.context().clearCookies();
  await signInToDemo(page, alice, { allowed: true });
  await page.goto(path);
}

async function openAddressLink({ page, server }: Place) {
  await openAccount(page, bob, "/account/profile");
  await page.locator("#email").fill("bob@harbour.example");
  await page.locator("#change-email").click();
  await page.locator("main [role=status]").waitFor();
  await openNewestLink(page, server);
}

/** Claims of the operator's that people fill in. */
async function defineClaims({ deps }: TestProvider) {
  const own = { scope: "profile", changedBy: "user" } as const;
  await deps.kv.step(systemOrigin, async (tx) => {
    const { provider } = await tx.read({ provider: providers.ref() });
    if (!isPresent(provider)) throw new Error("there is no provider");
    providers.setLists(tx, provider, {
      customClaims: [
        { ...own, claim: "desk", label: "Desk", type: "string" },
        { ...own, claim: "age", label: "Age", type: "number" },
        { ...own, claim: "remote", label: "I work from home", type: "boolean" },
        { ...own, claim: "skills", label: "Skills", type: "strings" },
      ],
    });
  });
}
