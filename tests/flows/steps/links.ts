import { issueSetupLink } from "../../../src/authn/setup.ts";
import { newestLink } from "../../support/mails.ts";
import type { TestProvider } from "../../support/provider.ts";
import { asking, atAccount, filled, interaction, newAccount, password } from "./step.ts";
import { post, type Step } from "./step.ts";

const resume = "/authorize/resume";

/** With a link that came by mail, or from the log. */
export const linkSteps: Readonly<Record<string, Step>> = {
  "/sign-up": {
    async ready({ provider }) {
      const { browser, page } = await asking(provider);
      const request = await browser.open(`/sign-up${page.url.search}`);
      return filled({ browser, page: request }, "/sign-up", { email: "new@example.com" });
    },
    done: "/sign-up/sent",
    until: [interaction, 400],
    repeatable: true,
  },
  "/sign-up/confirm": {
    async ready({ provider }) {
      const { browser, page } = await asking(provider);
      const request = await browser.open(`/sign-up${page.url.search}`);
      await browser.submit(request, { email: `${crypto.randomUUID()}@example.com` });
      const link = await browser.open(await newestLink(provider));
      return filled({ browser, page: link }, "/sign-up/confirm", newAccount());
    },
    done: resume,
    newSession: true,
    until: [3600, 400],
  },
  "/invitation": {
    async ready({ api, provider }) {
      const email = `${crypto.randomUUID()}@example.com`;
      const { status } = await api.post("/invitations", { email });
      if (status !== 201) throw new Error(`not invited: ${status}`);
      const browser = provider.browser();
      const page = await browser.open(await newestLink(provider));
      return filled({ browser, page }, "/invitation", newAccount());
    },
    done: "/invitation/done",
    until: [7 * 86_400, 400],
  },
  "/password-reset": {
    async ready({ provider }) {
      const browser = provider.browser();
      const page = await browser.open("/password-reset");
      return filled({ browser, page }, "/password-reset", { username: "alice" });
    },
    done: "/password-reset/sent",
    until: null, // it names nothing that could be over
    repeatable: true,
  },
  "/password-reset/confirm": {
    async ready({ provider }) {
      const browser = provider.browser();
      await browser.submit(await browser.open("/password-reset"), { username: "alice" });
      const page = await browser.open(await newestLink(provider));
      const fields = { password, password_repeat: password };
      return filled({ browser, page }, "/password-reset/confirm", fields);
    },
    done: "/password-reset/done",
    until: [3600, 400],
  },
  "/setup": {
    async ready({ provider }) {
      const browser = provider.browser();
      const link = await issueSetupLink(provider.deps) ?? "";
      const page = await browser.open(link.slice(provider.deps.config.issuer.length));
      return filled({ browser, page }, "/setup", newAccount());
    },
    done: "/setup/done",
    until: [86_400, 400],
    nobody: true,
  },
  "/account/email/confirm": {
    async ready({ provider }) {
      const { browser, page } = await atAccount(provider, "/account/profile");
      const email = `${crypto.randomUUID()}@example.com`;
      await post(filled({ browser, page }, "/account/profile/email", { email }));
      const [link = ""] = (await mailsTo(provider, email)).map((text) => linkIn(text));
      const elsewhere = provider.browser();
      const opened = await elsewhere.open(link);
      return filled({ browser: elsewhere, page: opened }, "/account/email/confirm");
    },
    done: 200,
    until: [3600, 400],
  },
};

async function mailsTo(provider: TestProvider, address: string): Promise<string[]> {
  await newestLink(provider).catch(() => {}); // sends what waits; the newest mail may have no link
  const mails = provider.deps.mailer.recent?.() ?? [];
  return mails.filter(({ to }) => to === address).map(({ text }) => text);
}

function linkIn(text: string): string {
  const url = /https:\/\/op\.example(\/\S+token=\S+)/.exec(text)?.[1];
  if (url === undefined) throw new Error(`no link in\n${text}`);
  return url;
}
