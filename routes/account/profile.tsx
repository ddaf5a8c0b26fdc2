import type { Context } from "hono";
import { askForEmailChange } from "../../src/account/email_change.ts";
import { changeOwnClaims, ownClaimsOf, wrongOwnClaims } from "../../src/account/own_claims.ts";
import { changeProfile, readProfile, type ShownProfile } from "../../src/account/profile.ts";
import { formOf, type ProfileField, profileFields } from "../../src/claims/profile_form.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { strings } from "../../src/language/languages.ts";
import { fieldOf } from "../../src/ui/account/own_claims_card.tsx";
import { ProfilePage, type ProfilePageProps } from "../../src/ui/account/profile_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import type { AppEnv } from "../http/context.ts";
import { readQuery, single } from "../http/form.ts";
import type { FormAnswer } from "../http/form_answer.ts";
import { frameOf, page, type PageOptions } from "../http/page.tsx";
import { tellRateLimit } from "../http/rate_limit.ts";
import {
  accountForm,
  accountFormToken,
  accountRequest,
  showAccountPageAgain,
  takeAccountAnswer,
} from "./http.ts";
import { emailOf, shownUserOf } from "./shown_user.ts";

const path = "/account/profile";
const emailPath = `${path}/email`;
const ownClaimsPath = `${path}/own-claims`;

/** The page for the claims that users change themselves. */
export function accountProfileRoutes(deps: Deps): Pages {
  return pages()
    .get(path, async (c) => {
      const request = await accountRequest(c, deps, path);
      const shown = await readProfile(deps, request);
      const answer = await takeAccountAnswer(c, deps, request, profileErrors);
      if (answer !== null) return await refusedPage(c, deps, shown, answer);
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
          // Keep the version of the form, so that a change in another place is still detected.
          const answer = { errors: change.wrong, typed: { ...entered, version } };
          return await showAccountPageAgain(c, deps, request, path, answer);
        }
        case "conflict": {
          const answer = { errors: ["conflict"], typed: entered };
          return await showAccountPageAgain(c, deps, request, path, answer);
        }
      }
    })
    .form(ownClaimsPath, accountForm(deps, path), async (c, { form, request }) => {
      const typed = (claim: string) => single(form, fieldOf(claim)) ?? "";
      if (await changeOwnClaims(deps, request, typed)) {
        return c.redirect(`${path}?done=saved`, 303);
      }
      const names = Object.keys(form).filter((name) => name.startsWith(fieldOf("")));
      const kept = Object.fromEntries(names.map((name) => [name, single(form, name)]));
      return await showAccountPageAgain(c, deps, request, path, {
        errors: ["own_claims"],
        typed: kept,
      });
    })
    .form(emailPath, accountForm(deps, path), async (c, { form, request }) => {
      const typed = single(form, "email")?.trim() ?? "";
      const { language } = frameOf(c);
      const change = await askForEmailChange(deps, request, { typed, language });
      if (change.kind === "sent") {
        tellRateLimit(c, change.reservation);
        return c.redirect(`${path}?done=email`, 303);
      }
      const answer = { errors: ["email"], typed: { email: typed.slice(0, 254) } };
      return await showAccountPageAgain(c, deps, request, path, answer);
    });
}

const statuses = { email: 400, own_claims: 400, conflict: 409 } as const;

/** All errors that the page can show: a wrong field, or one of the others. */
const profileErrors: Readonly<Record<ProfileField | keyof typeof statuses, unknown>> = {
  ...strings("en").account.profile.errors,
  ...statuses,
};

/** The page after a rejected form, with the typed values. */
function refusedPage(
  c: Context<AppEnv>,
  deps: Deps,
  now: ShownProfile,
  { errors, typed }: FormAnswer<keyof typeof profileErrors>,
) {
  if (errors.includes("email")) {
    return profilePage(c, deps, now, { wrongEmail: typed.email ?? "" }, { status: statuses.email });
  }
  if (errors.includes("own_claims")) {
    return profilePage(c, deps, now, { typedOwnClaims: typed }, { status: statuses.own_claims });
  }
  // Typed values that were too long for the cookie are replaced by the stored ones.
  const form = Object.keys(typed).length === 0 ? now.form : formOf((field) => typed[field]);
  if (errors.includes("conflict")) {
    const options = { status: statuses.conflict };
    return profilePage(c, deps, { ...now, form }, { savedNow: now.form }, options);
  }
  const wrong = profileFields.filter((field) => errors.includes(field));
  const shown = { ...now, form, version: typed.version ?? now.version };
  return profilePage(c, deps, shown, { wrong }, { status: 400 });
}

async function profilePage(
  c: Context<AppEnv>,
  deps: Deps,
  { holder, form, version }: ShownProfile,
  { typedOwnClaims = null, ...outcome }:
    & Pick<ProfilePageProps, "notice" | "wrong" | "savedNow" | "wrongEmail">
    & { readonly typedOwnClaims?: Readonly<Record<string, string>> | null },
  options: PageOptions = {},
) {
  const request = await accountRequest(c, deps, path);
  const claims = ownClaimsOf(holder).map((one) =>
    typedOwnClaims === null ? one : { ...one, value: typedOwnClaims[fieldOf(one.claim)] ?? "" }
  );
  const content = (
    <ProfilePage
      frame={frameOf(c)}
      user={shownUserOf(holder)}
      formToken={await accountFormToken(c, deps, request)}
      form={form}
      version={version}
      email={emailOf(holder)}
      changeEmailAction={emailPath}
      ownClaims={{ action: ownClaimsPath, claims, wrong: wrongOwnClaims(claims) }}
      ownClaimsRefused={typedOwnClaims !== null}
      {...outcome}
    />
  );
  return page(c, content, options);
}
