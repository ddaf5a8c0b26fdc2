import { type Context, Hono } from "hono";
import { z } from "zod";
import { newPasswordSchema, usernameSchema } from "../src/authn/new_account.ts";
import { newPasswordProblem } from "../src/authn/new_password.ts";
import { createFirstAdministrator, isSetupToken } from "../src/authn/setup.ts";
import type { Deps } from "../src/deps.ts";
import { SetupDonePage, type SetupError, SetupPage } from "../src/ui/setup_page.tsx";
import type { AppEnv } from "./http/context.ts";
import { readBrowser } from "./http/cookies.ts";
import { type Parameters, readForm, readQuery, single } from "./http/form.ts";
import { assertOwnForm, formToken } from "./http/form_token.ts";
import { frameOf, page } from "./http/page.tsx";
import { situationPage } from "./http/situation_page.tsx";

/** Where the first administrator is made, with the link that the log shows. */
export function setupRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get("/setup", async (c) => {
      const token = single(readQuery(c.req.raw), "token") ?? "";
      if (!await isSetupToken(deps, token)) return deadLinkPage(c);
      return await setupPage(c, deps, { token });
    })
    .post("/setup", async (c) => {
      const form = await readForm(c.req.raw);
      const token = single(form, "token") ?? "";
      await assertOwnForm(c, deps, form, await readBrowser(c, deps), about(token));
      const { account, errors } = await readAccount(form);
      if (account === null) {
        // What is wrong with the form is told only to who has the link.
        if (!await isSetupToken(deps, token)) return deadLinkPage(c);
        return await setupPage(c, deps, { token, errors, form });
      }
      const origin = c.get("origin");
      const created = await createFirstAdministrator(deps, { origin, token, account });
      return created ? c.redirect("/setup/done", 303) : deadLinkPage(c);
    })
    .get("/setup/done", (c) => page(c, <SetupDonePage frame={frameOf(c)} />));
}

function about(token: string): string {
  return `setup.${token}`;
}

const trimmed = z.string().trim();
const accountSchema = z.object({
  username: trimmed.pipe(usernameSchema),
  name: trimmed.pipe(z.string().min(1).max(256)),
  email: trimmed.pipe(z.email().max(254)).optional(),
  password: newPasswordSchema,
  password_repeat: z.string().optional(),
});

async function readAccount(form: Parameters) {
  const parsed = accountSchema.safeParse(form);
  const errors = new Set<SetupError>();
  for (const issue of parsed.error?.issues ?? []) {
    errors.add(accountSchema.keyof().parse(issue.path[0]));
  }
  const { password, password_repeat } = form;
  if (await newPasswordProblem(password) === "password_common") errors.add("password_common");
  const isWrong = errors.has("password") || errors.has("password_common");
  // Of a password that has to be chosen anew nobody needs to know that its repetition is another.
  if (!isWrong && password !== password_repeat) errors.add("password_repeat");
  if (!parsed.success || errors.size > 0) return { account: null, errors: [...errors] };
  const { username, name, email } = parsed.data;
  return {
    account: { username, name, email: email ?? null, password: parsed.data.password },
    errors: [],
  };
}

async function setupPage(
  c: Context<AppEnv>,
  deps: Deps,
  { token, errors = [], form = {} }: {
    readonly token: string;
    readonly errors?: readonly SetupError[];
    readonly form?: Parameters;
  },
) {
  const typed: Record<string, string> = {};
  for (const field of ["username", "name", "email"]) {
    const value = single(form, field);
    if (value !== undefined) typed[field] = value.slice(0, 256);
  }
  const content = (
    <SetupPage
      frame={frameOf(c)}
      action="/setup"
      token={token}
      formToken={await formToken(deps, await readBrowser(c, deps), about(token))}
      typed={typed}
      errors={errors}
    />
  );
  return page(c, content, { status: errors.length > 0 ? 400 : 200 });
}

function deadLinkPage(c: Context<AppEnv>) {
  return situationPage(c, "setup_link_dead", 400);
}
