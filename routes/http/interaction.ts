import { OAuthError, type PageSituation } from "../../src/errors.ts";
import { type Parameters, single } from "./form.ts";

/**
 * The id of the interaction that a page is about: the one thing about it that comes from outside.
 *
 * @throws {OAuthError} `invalid_request`
 */
export function interactionParameter(parameters: Parameters): string {
  return idParameter(parameters, "interaction", "other_browser");
}

/** One of our own random ids. @throws {OAuthError} `invalid_request` */
export function idParameter(
  parameters: Parameters,
  name: string,
  situation: PageSituation,
): string {
  const id = single(parameters, name) ?? "";
  if (/^[A-Za-z0-9_-]{22}$/.test(id)) return id;
  throw new OAuthError("invalid_request", `${name} is missing: start again at the application`, {
    situation,
  });
}
