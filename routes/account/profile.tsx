import type { Context } from "hono";
import { askForEmailChange } from "../../src/account/email_change.ts";
import { changeProfile, readProfile, type ShownProfile } from "../../src/account/profile.ts";
import { formOf } from "../../src/claims/profile_form.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { ProfilePage, type ProfilePageProps } from "../../src/ui/account/profile_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page, type PageOptions } from "../http/page.tsx";
import { tellRateLimit } from "../http/rate_limit.ts";
import { accountForm, accountFormToken, accountRequest } from "./http.ts";
import { emailOf, personOf } from "./person.ts";

const path = "/account/profile";
const emailPath = `${path}/email`;

/** The claims that people look after themselves. */
export function accountProfileRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const shown = await readProfile(deps, await accountRequest(c, deps, path));
      const done = single(readQuery(c.req.raw), "done");
      const notice = done === "saved" ? "saved" : done === "email" ? "emailSent" : null;
      return await profilePage(c, deps, shown, { notice });
    })
    .form(path, accountForm(deps, path), async (c, { form, request }) => {
      const entered = formOf((field) => form[field]);
      const version = single(form, "version") ?? "";
      const change = await changeProfile(deps, request, { entered, version });
      switch (change.kind) {
        case "saved":
          return c.redirect(`${path}?done=saved`, 303);
        case "invalid": {
          // The version stays that of the form: a change elsewhere is still to be met.
          const { now, wrong } = change;
          const shown = { ...now, form: entered, version };
          return await profilePage(c, deps, shown, { wrong }, { status: 400 });
        }
        case "conflict": {
          const shown = { ...change.now, form: entered };
          const savedNow = change.now.form;
          return await profilePage(c, deps, shown, { savedNow }, { status: 409 });
        }
      }
    })
    .form(emailPath, accountForm(deps, path), async (c, { form, request }) => {
      const typed = single(form, "email")?.trim() ?? "";
      const { language } = frameOf(c);
      const change = await askForEmailChange(deps, request, { typed, language });
      if (change.kind === "sent") {
        tellRateLimit(c, change.reservation);
        return c.redirect(`${path}?done=email`, 303);
      }
      const shown = await readProfile(deps, request);
      return await profilePage(c, deps, shown, { wrongEmail: typed }, { status: 400 });
    });
}

async function profilePage(
  c: Context<AppEnv>,
  deps: Deps,
  { holder, form, version }: ShownProfile,
  outcome: Pick<ProfilePageProps, "notice" | "wrong" | "savedNow" | "wrongEmail">,
  options: PageOptions = {},
) {
  const request = await accountRequest(c, deps, path);
  const content = (
    <ProfilePage
      frame={frameOf(c)}
      person={personOf(holder)}
      formToken={await accountFormToken(c, deps, request)}
      form={form}
      version={version}
      email={emailOf(holder)}
      changeEmailAction={emailPath}
      {...outcome}
    />
  );
  return page(c, content, options);
}
