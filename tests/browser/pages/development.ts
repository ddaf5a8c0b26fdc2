import { alice } from "../support/server.ts";
import { beginAtDemo, deny, forgetPassword, signIn, signInToDemo } from "../support/steps.ts";
import type { ReachablePages } from "./page.ts";

/** What developers see. */
export const developmentPages: ReachablePages = {
  "home": {
    async open({ page }) {
      await page.goto("/");
    },
  },
  "demo-signed-out": {
    async open({ page }) {
      await page.goto("/dev/app");
    },
  },
  "demo": {
    open: ({ page }) => signInToDemo(page, alice),
    bytesLimit: 60_000, // it shows all that went over the wire, discovery document and all
  },
  "demo-denied": {
    async open({ page }) {
      await beginAtDemo(page);
      await signIn(page, alice);
      await deny(page);
      await page.locator(".notice-error").waitFor();
    },
  },
  "mail-none": {
    async open({ page }) {
      await page.goto("/dev/mail");
    },
  },
  "mail": {
    async open({ page }) {
      await forgetPassword(page, alice.username);
      await page.goto("/dev/mail");
    },
  },
  "mail-password-reset": {
    async open({ page }) {
      await forgetPassword(page, alice.username);
      await page.goto("/dev/mail");
      await page.locator("main a[href^='/dev/mail/']").click();
      await page.waitForURL("/dev/mail/*");
    },
  },
};
