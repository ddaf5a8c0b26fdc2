import { accountBrowser } from "../../support/account.ts";
import { sessionCookie, signedInBrowser } from "../../support/authorization.ts";
import { atAccount, filled, recent, session, type Step } from "./step.ts";

/** About one's profile, sessions, applications and data. */
export const accountSteps: Readonly<Record<string, Step>> = {
  "/account/profile": {
    async ready({ provider }) {
      const at = await atAccount(provider, "/account/profile");
      return filled(at, "/account/profile", { name: "Alice", nickname: "Al" });
    },
    done: "/account/profile",
    until: session,
    repeatable: true,
  },
  "/account/profile/email": {
    async ready({ provider }) {
      const at = await atAccount(provider, "/account/profile");
      return filled(at, "/account/profile/email", { email: "next@example.com" });
    },
    done: "/account/profile",
    until: recent,
    repeatable: true,
  },
  "/account/profile/own-claims": {
    async ready({ api, provider }) {
      await api.post("/custom-claims", { claim: "desk", scope: "profile", changed_by: "user" });
      const at = await atAccount(provider, "/account/profile");
      return filled(at, "/account/profile/own-claims", { "claim.desk": "4.12" });
    },
    done: "/account/profile",
    until: session,
    repeatable: true,
  },
  "/account/sessions/end": {
    async ready({ provider }) {
      const other = await accountBrowser(provider);
      const ended = sessionCookie(other)?.split(".")[1] ?? "";
      const { browser, page } = await atAccount(provider, "/account/sessions");
      const own = filled({ browser, page }, "/account/sessions/end");
      return { ...own, fields: { ...own.fields, session: ended } };
    },
    done: "/account/sessions",
    until: session,
  },
  "/account/sessions/end-others": {
    async ready({ provider }) {
      await accountBrowser(provider);
      const at = await atAccount(provider, "/account/sessions");
      return filled(at, "/account/sessions/end-others");
    },
    done: "/account/sessions",
    until: session,
    repeatable: true,
  },
  "/account/applications/withdraw": {
    async ready({ provider }) {
      await signedInBrowser(provider);
      const { browser } = await atAccount(provider, "/account/applications");
      const page = await browser.open("/account/applications/withdraw?client=shop");
      return filled({ browser, page }, "/account/applications/withdraw");
    },
    done: "/account/applications",
    until: session,
  },
  "/account/data/export": {
    async ready({ provider }) {
      return filled(await atAccount(provider, "/account/data"), "/account/data/export");
    },
    done: 200,
    until: recent,
    repeatable: true,
  },
  "/account/data/delete": {
    async ready({ provider }) {
      const at = await atAccount(provider, "/account/data/delete");
      return filled(at, "/account/data/delete", { username: "alice" });
    },
    done: "/account/deleted",
    until: recent,
  },
};
