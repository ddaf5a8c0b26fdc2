import type { Context } from "hono";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import type { AppEnv } from "./context.ts";
import { type Parameters, single } from "./form.ts";

const purpose = "form_token";

/** A token for the form of one page, of one browser, about one thing. */
export function formToken(deps: Deps, browserDigest: string, about: string): Promise<string> {
  return deps.masterKey.mac(purpose, `${browserDigest}.${about}`);
}

/**
 * Accepts a form only from our own page in the same browser (cross-site request forgery).
 *
 * @throws {OAuthError} `invalid_request`
 */
export async function assertOwnForm(
  c: Context<AppEnv>,
  deps: Deps,
  form: Parameters,
  browserDigest: string,
  about: string,
) {
  assertOwnOrigin(c, deps);
  const token = single(form, "form_token") ?? "";
  if (await deps.masterKey.verifyMac(purpose, `${browserDigest}.${about}`, token)) return;
  throw new OAuthError("invalid_request", "this form is too old: go back, reload and try again", {
    situation: "form_refused",
  });
}

/** @throws {OAuthError} `invalid_request` unless the page that sent the request is ours */
export function assertOwnOrigin(c: Context<AppEnv>, deps: Deps) {
  // Every browser sends Origin with a POST; what does not is no browser, or hides where it is.
  if (c.req.header("origin") === deps.config.issuer) return;
  throw new OAuthError(
    "invalid_request",
    "this form was not sent from a page of this server: open the page at the address of the issuer",
    { situation: "form_refused" },
  );
}
