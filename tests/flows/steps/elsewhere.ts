import { accountBrowser } from "../../support/account.ts";
import { beginBackchannel } from "../../support/backchannel.ts";
import { beginDevice, typeCode } from "../../support/devices.ts";
import { filled, session, type Step } from "./step.ts";

/** Answering what waits somewhere else: a device, or a client that asks by the back channel. */
export const elsewhereSteps: Readonly<Record<string, Step>> = {
  "/device": {
    async ready({ provider }) {
      const { user_code } = await beginDevice(provider);
      const browser = provider.browser();
      return filled({ browser, page: await browser.open("/device") }, "/device", { user_code });
    },
    done: "/authorize/resume",
    until: [600, 400],
    repeatable: true,
  },
  "/device/confirm": {
    async ready({ provider }) {
      const { user_code } = await beginDevice(provider);
      const browser = provider.browser();
      const page = await typeCode(browser, user_code);
      return filled({ browser, page }, "/device/confirm", { decision: "allow" });
    },
    done: "/device/confirm",
    until: [600, 400],
  },
  "/account/requests": {
    async ready({ provider }) {
      await beginBackchannel(provider);
      const browser = await accountBrowser(provider);
      const page = await browser.open("/account/requests");
      return filled({ browser, page }, "/account/requests", { decision: "allow" });
    },
    done: "/account/requests",
    until: session,
  },
};
