import type { Context } from "hono";
import { z } from "zod";
import type { AccountForm, NamesOfNewcomer } from "../../src/authn/new_accounts/make_account.ts";
import { shownTextProblem } from "../../src/identifiers/shown_text.ts";
import { usernameSchema } from "../../src/authn/new_accounts/new_account.ts";
import { passwordCredential } from "../../src/authn/new_accounts/new_credential.ts";
import {
  type Newcomer,
  type NewcomerOptions,
  passkeyCredential,
} from "../../src/authn/passkeys/newcomer.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { NewAccountError, TypedAccount } from "../../src/ui/new_account_form.tsx";
import { type AppEnv, userAgentOf } from "./context.ts";
import { showAgain } from "./form_answer.ts";
import { strings } from "../../src/language/languages.ts";
import { type Parameters, single } from "./form.ts";
import { readNewPassword } from "./new_password.ts";

const trimmed = z.string().trim();
const isShownText = (text: string) => shownTextProblem(text) === null;
const usernameField = trimmed.pipe(usernameSchema);
const nameField = trimmed.pipe(z.string().min(1).max(256).refine(isShownText));

type Read<T> = { readonly account: T; readonly errors: readonly [] } | {
  readonly account: null;
  readonly errors: readonly NewAccountError[];
};

/** Reads the form for a new account, or returns all its errors. */
export async function readNewAccount(
  c: Context<AppEnv>,
  deps: Deps,
  form: Parameters,
  browserDigest: string,
): Promise<Read<AccountForm>> {
  const { account: names, errors } = readNames(form);
  if (single(form, "way") === "passkey") {
    if (names === null) return { account: null, errors };
    const credential = passkeyCredential(deps, {
      credential: single(form, "credential") ?? "",
      browserDigest,
      userAgent: userAgentOf(c),
    });
    return { account: { ...names, credential }, errors: [] };
  }
  const { password, error } = await readNewPassword(form, [form.username, form.name, form.email]);
  if (names !== null && password !== null) {
    return { account: { ...names, credential: passwordCredential(deps, password) }, errors: [] };
  }
  return { account: null, errors: [...errors, ...(error === null ? [] : [error])] };
}

function readNames(form: Parameters): Read<NamesOfNewcomer> {
  const username = usernameField.safeParse(form.username);
  const name = nameField.safeParse(form.name);
  if (username.success && name.success) {
    return { account: { username: username.data, name: name.data }, errors: [] };
  }
  const errors: NewAccountError[] = [];
  if (!username.success) errors.push("username");
  if (!name.success) errors.push("name");
  return { account: null, errors };
}

/** All errors that a page for a new account can show. */
export const newAccountErrors = {
  ...strings("en").newAccount.errors,
  expired: null,
  invalid: null,
  known: null,
} as const satisfies Record<NewAccountError, unknown>;

/** Redirects the browser to the page of a link, where a form must be corrected. */
export function correctAccount(
  c: Context<AppEnv>,
  deps: Deps,
  url: string,
  { form, errors }: { readonly form: Parameters; readonly errors: readonly NewAccountError[] },
) {
  return showAgain(c, deps, url, { errors, typed: { ...typedAccount(form) } });
}

/** The typed values, to be shown again; never a password. */
function typedAccount(form: Parameters): TypedAccount {
  const typed: Record<string, string> = {};
  for (const field of ["username", "name", "email"]) {
    const value = single(form, field);
    if (value !== undefined) typed[field] = value.slice(0, 256);
  }
  return typed;
}

/**
 * Answers the script of a page that creates a passkey for a new account.
 *
 * @param optionsOf not called if a name must be corrected first: after 422 the script posts the form
 *   without a passkey, and the page shows the errors
 */
export async function answerNewcomer(
  c: Context<AppEnv>,
  { form, browserDigest }: { readonly form: Parameters; readonly browserDigest: string },
  optionsOf: (newcomer: Newcomer) => Promise<NewcomerOptions | { readonly kind: "dead" }>,
) {
  c.header("Cache-Control", "no-store");
  const { account: names } = readNames(form);
  if (names === null) return c.json({ error: "names" }, 422);
  const outcome = await optionsOf({ ...names, browserDigest });
  if (outcome.kind === "options") return c.json(outcome.options);
  return c.json({ error: outcome.kind }, outcome.kind === "dead" ? 400 : 422);
}
