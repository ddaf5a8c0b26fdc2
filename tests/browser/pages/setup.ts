import { firstSetupLink } from "../../../src/boot/setup_link.ts";
import { sendUnchecked } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const server = { config: { environment: "production" as const } };

/** A production server before and while it gets its first administrator. */
export const setupPages: ReachablePages = {
  "home-not-set-up": {
    server,
    async open({ page }) {
      await page.goto("/");
    },
  },
  "setup": { server, open: openLink },
  "setup-wrong": {
    server,
    async open(place) {
      await openLink(place);
      await sendUnchecked(place.page);
      await place.page.getByRole("alert").waitFor();
    },
  },
  "setup-done": {
    server,
    async open(place) {
      await openLink(place);
      const { page } = place;
      await page.locator("#username").fill("mara");
      await page.locator("#name").fill("Mara Lindqvist");
      await page.locator("#password").fill("quiet harbour");
      await page.locator("#password_repeat").fill("quiet harbour");
      await page.locator("#setup-submit").click();
      await page.waitForURL("/setup/done");
    },
  },
  "setup-dead": {
    server,
    async open({ page }) {
      await page.goto("/setup?token=not-a-token");
    },
  },
};

/** The link of a boot: each shows a new one until there is an administrator. */
async function openLink({ page, server }: Place) {
  const setupLink = await firstSetupLink(server.provider.deps);
  if (setupLink === null) throw new Error("this server is set up");
  await page.goto(setupLink);
}
