import { issueSetupLink } from "../../../src/authn/new_accounts/setup.ts";
import { newestLink } from "../../support/mails.ts";
import { passkeyForm } from "../../support/passkeys.ts";
import type { TestProvider } from "../../support/provider.ts";
import {
  asking,
  type At,
  atAccount,
  filled,
  interaction,
  newAccount,
  password,
  post,
  type Scene,
  type Step,
} from "./step.ts";

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
    ready: async (scene) => filled(await atSignUp(scene), "/sign-up/confirm", newAccount()),
    done: resume,
    newSession: true,
    until: [3600, 400],
  },
  "/sign-up/confirm/passkey/options": optionsOf(atSignUp, "/sign-up/confirm", [3600, 400]),
  "/invitation": {
    ready: async (scene) => filled(await atInvitation(scene), "/invitation", newAccount()),
    done: "/invitation/done",
    until: [7 * 86_400, 400],
  },
  "/invitation/passkey/options": optionsOf(atInvitation, "/invitation", [7 * 86_400, 400]),
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
    async ready(scene) {
      const fields = { password, password_repeat: password };
      return filled(await atReset(scene), "/password-reset/confirm", fields);
    },
    done: "/password-reset/done",
    until: [3600, 400],
  },
  "/password-reset/confirm/passkey/options": optionsOf(
    atReset,
    "/password-reset/confirm",
    [3600, 400],
  ),
  "/setup": {
    ready: async (scene) => filled(await atSetup(scene), "/setup", newAccount()),
    done: "/setup/done",
    until: [86_400, 400],
    nobody: true,
  },
  "/setup/passkey/options": { ...optionsOf(atSetup, "/setup", [86_400, 400]), nobody: true },
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
    done: "/account/email/confirm/done",
    until: [3600, 400],
  },
};

async function atSignUp({ provider }: Scene): Promise<At> {
  const { browser, page } = await asking(provider);
  const request = await browser.open(`/sign-up${page.url.search}`);
  await browser.submit(request, { email: `${crypto.randomUUID()}@example.com` });
  return { browser, page: await browser.open(await newestLink(provider)) };
}

async function atInvitation({ api, provider }: Scene): Promise<At> {
  const { status } = await api.post("/invitations", {
    email: `${crypto.randomUUID()}@example.com`,
  });
  if (status !== 201) throw new Error(`not invited: ${status}`);
  const browser = provider.browser();
  return { browser, page: await browser.open(await newestLink(provider)) };
}

async function atReset({ provider }: Scene): Promise<At> {
  const browser = provider.browser();
  await browser.submit(await browser.open("/password-reset"), { username: "alice" });
  return { browser, page: await browser.open(await newestLink(provider)) };
}

async function atSetup({ provider }: Scene): Promise<At> {
  const browser = provider.browser();
  const link = await issueSetupLink(provider.deps) ?? "";
  return { browser, page: await browser.open(link.slice(provider.deps.config.issuer.length)) };
}

/** What the script of such a page asks for first: how the passkey is to be made. */
function optionsOf(
  open: (scene: Scene) => Promise<At>,
  path: string,
  until: Step["until"],
): Step {
  return {
    async ready(scene) {
      const { browser, page } = await open(scene);
      const { credential: _, ...fields } = passkeyForm(page.body);
      const typed = { username: crypto.randomUUID(), name: "Somebody" };
      return { browser, action: `${path}/passkey/options`, fields: { ...fields, ...typed } };
    },
    done: 200,
    until,
    repeatable: true,
  };
}

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
