import type { Locator } from "playwright-core";
import { journey } from "./support/journey.ts";
import { alice } from "./support/server.ts";
import { forgetPassword, openNewestLink, sees, signInToDemo } from "./support/steps.ts";

const password = "a quiet new harbour";

/** Sends a form twice, so far apart that the first one is under way, and its answer is not there yet. */
async function pressTwice(button: Locator) {
  await button.evaluate((element) => {
    const { form } = element as unknown as { form: { requestSubmit(): void } };
    form.requestSubmit();
    setTimeout(() => form.requestSubmit(), 10);
  });
}

journey(
  "pressing the button of a new password twice ends on the page that it is set",
  async (world) => {
    const server = await world.aServer();
    const { page } = await world.aPerson(server);
    await forgetPassword(page, alice.username);
    await openNewestLink(page, server);
    await page.locator("#password").fill(password);
    await page.locator("#password_repeat").fill(password);
    await pressTwice(page.locator("#new-password-submit"));
    await sees(page, "Your password is set");
  },
);

journey(
  "pressing the button that deletes an account twice ends on the page that it is deleted",
  async (world) => {
    const { page } = await world.aPerson(await world.aServer());
    await signInToDemo(page, alice);
    await page.goto("/account/data/delete");
    await page.locator("#username").fill(alice.username);
    await pressTwice(page.locator("main form button"));
    await sees(page, "Your account is deleted");
  },
);
