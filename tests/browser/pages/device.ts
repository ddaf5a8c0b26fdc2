import { aCallCentre, beginBackchannel } from "../../support/backchannel.ts";
import { answerDevice, aTelevision, beginDevice } from "../../support/devices.ts";
import { alice, type BrowserServer } from "../support/server.ts";
import { signIn } from "../support/steps.ts";
import type { Place, ReachablePages } from "./page.ts";

const tv = aTelevision("tv", { client_name: "Harbour Television" });
const server = { clients: [tv] };
const bank = { clients: [aCallCentre("bank", { client_name: "Harbour Bank" })] };

/** Answering a device. */
export const devicePages: ReachablePages = {
  "device": { server, open: ({ page }) => page.goto("/device").then(() => {}) },
  "device-complete": {
    server,
    async open({ page, server: { provider } }) {
      const { verification_uri_complete } = await beginDevice(provider);
      const { pathname, search } = new URL(verification_uri_complete);
      await page.goto(pathname + search);
    },
  },
  "device-wrong": {
    server,
    async open({ page }) {
      await page.goto("/device");
      await typeCode(page, "bbbb bbbb");
      await page.getByRole("alert").waitFor();
    },
  },
  "device-confirm": { server, open: (place) => askedAboutDevice(place).then(() => {}) },
  "device-allowed": {
    server,
    async open(place) {
      await askedAboutDevice(place);
      await place.page.locator("#device-allow").click();
      await place.page.locator("#device-allow").waitFor({ state: "detached" });
    },
  },
  "device-denied": {
    server,
    async open(place) {
      await askedAboutDevice(place);
      await place.page.locator("#device-deny").click();
      await place.page.locator("#device-deny").waitFor({ state: "detached" });
    },
  },
  "device-dead": {
    server,
    async open(place) {
      const userCode = await askedAboutDevice(place);
      await answerDevice(place.server.provider.browser(), userCode, "deny");
      await place.page.locator("#device-allow").click();
      await place.page.locator("#device-allow").waitFor({ state: "detached" });
    },
  },
};

/** Requests of clients to a user who is elsewhere. */
export const requestPages: ReachablePages = {
  "account-requests": {
    server: bank,
    async open(place) {
      await askedElsewhere(place);
      await place.page.goto("/account/requests");
    },
  },
  "account-requests-none": {
    server: bank,
    async open(place) {
      await askedElsewhere(place);
      await place.page.goto("/account/requests");
      await place.page.locator('[name=decision][value="allow"]').click();
      await place.page.waitForURL("/account/requests?done=allowed");
    },
  },
  "account-request-waits": { server: bank, open: askedElsewhere },
};

async function askedElsewhere({ page, server: { provider } }: Place) {
  await beginBackchannel(provider, { binding_message: "Transfer 4711 of 250 euros" });
  await page.goto("/account");
  await signIn(page, alice);
  await page.waitForURL("/account");
}

async function askedAboutDevice(
  { page, server: { provider } }: { page: Place["page"]; server: BrowserServer },
): Promise<string> {
  const { user_code } = await beginDevice(provider);
  await page.goto("/device");
  await typeCode(page, user_code);
  await signIn(page, alice);
  await page.locator("#device-allow").waitFor();
  return user_code;
}

async function typeCode(page: Place["page"], code: string) {
  await page.locator("#user_code").fill(code);
  await page.locator("#device-submit").click();
}
