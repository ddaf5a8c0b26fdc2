import type { Context } from "hono";
import { randomId } from "../../src/crypto/random.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import type { AppEnv } from "./context.ts";
import { type Parameters, single } from "./form.ts";

/** The purposes of forms. Each token is bound to these values too, not only to the browser. */
interface FormParts {
  readonly sign_in: readonly [interactionId: string];
  readonly consent: readonly [interactionId: string];
  /** A second token of the consent page: for the user who was asked, and the scope. */
  readonly asked: readonly [interactionId: string, sessionId: string | null, shownScope: string];
  readonly user_code: readonly [];
  readonly device: readonly [interactionId: string];
  readonly sign_out: readonly [requestId: string];
  readonly account: readonly [sessionId: string | null];
  readonly sign_up: readonly [interactionId: string | null];
  readonly password_reset: readonly [];
  readonly setup_link: readonly [token: string];
  readonly sign_in_link: readonly [token: string];
  readonly sign_up_link: readonly [token: string];
  readonly invitation_link: readonly [token: string];
  readonly password_reset_link: readonly [token: string];
  readonly address_change_link: readonly [token: string];
  readonly demo: readonly [];
}

/** The purpose of a form. A token for one purpose is refused for every other. */
export type FormPurpose = keyof FormParts;

/** The purposes of forms on the page of a one-time link. */
export type LinkPurpose = Extract<FormPurpose, `${string}_link`>;

/** A purpose and its values. */
export type FormSubject = {
  [Purpose in FormPurpose]: readonly [purpose: Purpose, ...FormParts[Purpose]];
}[FormPurpose];

const macPurpose = "form_token";

/**
 * A token for a form on a page of one browser. It never expires, because a page may stay open. Each
 * token is different, so that the sizes of compressed pages reveal nothing about it (the BREACH
 * attack).
 */
export async function formToken(
  deps: Deps,
  browserDigest: string,
  ...subject: FormSubject
): Promise<string> {
  const salt = randomId(deps.random);
  const message = formTokenMessage(salt, browserDigest, subject);
  return `${salt}.${await deps.masterKey.mac(macPurpose, message)}`;
}

/** Whether a token was made for this browser and subject. */
export async function isFormToken(
  deps: Deps,
  token: string,
  browserDigest: string,
  ...subject: FormSubject
): Promise<boolean> {
  const [salt = "", mac = ""] = token.split(".", 2);
  const message = formTokenMessage(salt, browserDigest, subject);
  return await deps.masterKey.verifyMac(macPurpose, message, mac);
}

/**
 * Refuses a form whose token belongs to another browser, purpose or value (cross-site request forgery).
 *
 * @throws {OAuthError} `invalid_request`
 */
export async function assertFormToken(
  deps: Deps,
  form: Parameters,
  browserDigest: string,
  subject: FormSubject,
) {
  if (await isFormToken(deps, single(form, "form_token") ?? "", browserDigest, ...subject)) return;
  throw new OAuthError("invalid_request", "this form is too old: go back, reload and try again", {
    situation: "form_refused",
  });
}

/**
 * What the token signs. Each part is preceded by its length, so two different lists of parts never make
 * one message, whatever characters a scope or a token contains.
 */
export function formTokenMessage(
  salt: string,
  browserDigest: string,
  subject: FormSubject,
): string {
  return [salt, browserDigest, ...subject]
    .map((part) => part === null ? "-" : `${part.length}:${part}`)
    .join("");
}

/** @throws {OAuthError} `invalid_request` unless a page of this server sent the request */
export function assertOwnOrigin(c: Context<AppEnv>, deps: Deps) {
  // Every browser sends Origin with a POST. A request without it is not from a browser, or hides its page.
  if (c.req.header("origin") === deps.config.issuer) return;
  throw new OAuthError(
    "invalid_request",
    "this form was not sent from a page of this server: open the page at the address of the issuer",
    { situation: isOfOtherAddress(c) ? "other_address" : "form_refused" },
  );
}

/**
 * Whether the browser has opened this server itself at another address than the issuer, such as 127.0.0.1 instead
 * of localhost. A page of another site names its own host in Origin, and ours in Host.
 */
function isOfOtherAddress(c: Context<AppEnv>): boolean {
  const origin = URL.parse(c.req.header("origin") ?? "");
  return origin !== null && origin.host !== "" && origin.host === c.req.header("host");
}
