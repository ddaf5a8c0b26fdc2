import { invite, ops } from "../support/invitations.ts";
import { askForAccount, askForMail, makeAccount, typeCode } from "../support/mail_steps.ts";
import { beginAtDemo, openNewestLink, sendUnchecked } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const address = "alice@example.com";
const newAddress = "nora@harbour.example";
const open = { config: { signUp: "open" as const } };
const inviting = { clients: [ops], config: { signUp: "invited" as const } };

/** Signing in by mail, and accounts that begin with a mail. */
export const mailSignInPages: ReachablePages = {
  "mail-sign-in": { open: openRequest },
  "mail-sign-in-wrong": {
    async open(place) {
      await openRequest(place);
      await place.page.locator("#email").fill("alice");
      await sendUnchecked(place.page);
      await place.page.locator("#email-error").waitFor();
    },
  },
  "mail-sign-in-link": { open: (place) => ask(place, "link") },
  "mail-sign-in-code": { open: (place) => ask(place, "code") },
  "mail-sign-in-code-wrong": {
    async open(place) {
      await ask(place, "code");
      await typeCode(place.page, "BBBB-BBBB");
      await place.page.locator("#code-error").waitFor();
    },
  },
  "magic-link": {
    async open(place) {
      await ask(place, "link");
      await openNewestLink(place.page, place.server);
    },
  },
  "magic-link-elsewhere": { open: openElsewhere },
  "magic-link-code": {
    async open(place) {
      await openElsewhere(place);
      await place.page.locator("#magic-link-elsewhere").click();
      await place.page.locator("#code").waitFor();
    },
  },
  "magic-link-dead": {
    async open({ page }) {
      await page.goto("/magic-link/confirm?token=not-a-token");
    },
  },
  "sign-in-new": { server: open, open: ({ page }) => beginAtDemo(page) },
  "sign-up": {
    server: open,
    async open({ page }) {
      await beginAtDemo(page);
      await page.locator("main a[href^='/sign-up']").click();
      await page.locator("#email").waitFor();
    },
  },
  "sign-up-sent": { server: open, open: signUp },
  "new-account": { server: open, open: openNewAccount },
  "new-account-wrong": {
    server: open,
    async open(place) {
      await openNewAccount(place);
      await sendUnchecked(place.page);
      await place.page.locator("#password-error").waitFor();
    },
  },
  "sign-up-closed": {
    async open({ page }) {
      await page.goto("/sign-up");
    },
  },
  "invitation": { server: inviting, open: openInvitation },
  "invitation-done": {
    server: inviting,
    async open(place) {
      await openInvitation(place);
      const password = "a quiet new harbour";
      await makeAccount(place.page, { username: "nora", name: "Nora Neu", password });
      await place.page.waitForURL("/invitation/done");
    },
  },
};

async function openRequest({ page }: Place) {
  await beginAtDemo(page);
  await page.locator("main a[href^='/magic-link']").click();
  await page.locator("#email").waitFor();
}

async function ask({ page }: Place, way: "link" | "code") {
  await beginAtDemo(page);
  await askForMail(page, address, way);
}

/** As if another browser had asked. */
async function openElsewhere(place: Place) {
  await ask(place, "link");
  await place.context.clearCookies();
  await openNewestLink(place.page, place.server);
}

async function signUp({ page }: Place) {
  await beginAtDemo(page);
  await askForAccount(page, newAddress);
}

async function openNewAccount(place: Place) {
  await signUp(place);
  await openNewestLink(place.page, place.server);
}

async function openInvitation({ page, server }: Place) {
  await page.goto(await invite(server, newAddress));
}
