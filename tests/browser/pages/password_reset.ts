import { alice } from "../support/server.ts";
import {
  beginAtDemo,
  choosePassword,
  forgetPassword,
  openNewestLink,
  sendUnchecked,
} from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

/** The way back in for who has forgotten a password. */
export const passwordResetPages: ReachablePages = {
  "password-reset": {
    async open({ page }) {
      await page.goto("/password-reset");
    },
  },
  "password-reset-waiting": {
    async open({ page }) {
      await beginAtDemo(page);
      await page.locator("a[href^='/password-reset']").click();
      await page.locator("#password-reset-submit").waitFor();
    },
  },
  "password-reset-missing": {
    async open({ page }) {
      await page.goto("/password-reset");
      await sendUnchecked(page);
      await page.getByRole("alert").waitFor();
    },
  },
  "password-reset-sent": { open: ({ page }) => forgetPassword(page, alice.username) },
  "new-password": { open: openLink },
  "new-password-wrong": {
    async open(place) {
      await openLink(place);
      await choosePassword(place.page, "quiet harbour", "loud harbour");
      await place.page.getByRole("alert").waitFor();
    },
  },
  "new-password-done": {
    async open(place) {
      await openLink(place);
      await choosePassword(place.page, "quiet harbour");
      await place.page.waitForURL("/password-reset/done");
    },
  },
  "password-reset-dead": {
    async open({ page }) {
      await page.goto("/password-reset/confirm?token=not-a-token");
    },
  },
};

async function openLink({ page, server }: Place) {
  await forgetPassword(page, alice.username);
  await openNewestLink(page, server);
}
