import type { Context } from "hono";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { readBrowser } from "./cookies.ts";
import { type Parameters, readForm, single } from "./form.ts";
import { assertOwnForm } from "./form_token.ts";

/** What the page of a one-time link posts. */
export interface LinkForm {
  readonly form: Parameters;
  /** The link's. */
  readonly token: string;
  readonly browserDigest: string;
}

/**
 * Reads a form of the page of a one-time link.
 *
 * @param about what the page's form token names, by the link's token
 * @throws {OAuthError} `invalid_request` unless our own page posted it, in the same browser
 */
export async function readLinkForm(
  c: Context<AppEnv>,
  deps: Deps,
  about: (token: string) => string,
): Promise<LinkForm> {
  const form = await readForm(c.req.raw);
  const token = single(form, "token") ?? "";
  const browserDigest = await readBrowser(c, deps);
  await assertOwnForm(c, deps, form, browserDigest, about(token));
  return { form, token, browserDigest };
}
