import { z } from "zod";
import { wordsApart } from "../identifiers/apart.ts";
import { type ClaimsRequest, parseClaimsRequest } from "./claims_request.ts";
import { OAuthError } from "./errors.ts";
import { assertResourceIndicator, parseParameters, type RawParameters } from "./parameters.ts";
import { type Prompt, prompts, supportedPrompts } from "./prompts.ts";
import { type ResponseType, responseTypeOf } from "./response_type.ts";

const once = z.string({
  error: (issue) => Array.isArray(issue.input) ? "must occur only once" : "is missing",
});
const words = once.transform(wordsApart);
const list = (most: number) =>
  z.union([once.transform((one) => [one]), z.array(z.string())])
    .transform((values) => [...new Set(values)])
    .refine((values) => values.length <= most, `must not name more than ${most}`);

/**
 * Seconds. A client that wants no limit may send a very large number; it is cut to more than thirty
 * years.
 */
const seconds = once.regex(/^\d+$/, "must be a number of seconds")
  .transform((digits) => Math.min(Number(digits), 1_000_000_000));

/** Characters. */
export const longestHint = 256;

/** A hint that is too long is dropped and is never an error, because hints are optional. */
const loginHint = once.transform((text) => text.length > longestHint ? undefined : text).optional();

/** As many whole language tags as fit: the preferred ones come first. */
const uiLocales = once.transform((tags) =>
  tags.length > longestHint ? tags.slice(0, longestHint + 1).replace(/[^\s,]*$/, "") : tags
).optional();

/** @see RFC 7636 section 4.2: a base64url SHA-256 */
const codeChallenge = once.regex(/^[A-Za-z0-9_-]{43}$/, "must be an S256 code challenge");

/**
 * The parameters of an authorization request, beyond the client and its redirect URI.
 *
 * @see RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, RFC 7636, RFC 8707
 */
const schema = z.object({
  response_type: once,
  scope: words.default([]),
  nonce: once.max(512).optional(),
  code_challenge: codeChallenge.optional(),
  code_challenge_method: once.optional(),
  prompt: words.default([]),
  max_age: seconds.optional(),
  login_hint: loginHint,
  id_token_hint: once.optional(),
  ui_locales: uiLocales,
  acr_values: words.default([]),
  claims: once.optional(),
  resource: list(4).default([]),
  display: once.optional(),
  // RFC 9396 section 2: JSON, which is read where the types are known
  authorization_details: once.optional(),
  // RFC 9449 section 10: the SHA-256 thumbprint of the key that will exchange the code
  dpop_jkt: once.regex(/^[A-Za-z0-9_-]{43}$/, "must be a SHA-256 thumbprint").optional(),
});
type AuthorizationParameters = z.infer<typeof schema>;
export const parameterNames: readonly string[] = Object.keys(schema.shape);

export interface AuthorizationRequestParameters
  extends Omit<AuthorizationParameters, "claims" | "prompt" | "response_type"> {
  readonly response_type: ResponseType;
  readonly prompt: readonly Prompt[];
  readonly claims: ClaimsRequest | null;
}

/**
 * Reads the parameters whose errors are reported to the client.
 * @throws {OAuthError}
 */
export function parseAuthorizationParameters(raw: RawParameters): AuthorizationRequestParameters {
  // Both were replaced by what they stand for. One that is left must not be ignored.
  if (raw.request !== undefined) throw new OAuthError("invalid_request", "request must occur once");
  if (raw.request_uri !== undefined) {
    throw new OAuthError("invalid_request_uri", "request_uri is not one that this server knows");
  }
  if (raw.registration !== undefined) {
    // Metadata in the request itself, which only self-issued providers take (OpenID Connect Core
    // sections 3.1.2.6 and 7.2.1).
    throw new OAuthError("registration_not_supported", "registration must not be in the request");
  }
  const parameters = parseParameters(schema, raw);
  const responseType = responseTypeOf(parameters.response_type);
  if (responseType === null) {
    throw new OAuthError(
      "unsupported_response_type",
      "response_type must be one that the discovery document lists",
    );
  }
  const method = parameters.code_challenge_method;
  if (parameters.code_challenge !== undefined && method !== "S256") {
    // Without a method the request asks for plain (RFC 7636 section 4.3).
    throw new OAuthError("invalid_request", "code_challenge_method must be S256");
  }
  if (parameters.code_challenge === undefined && method !== undefined) {
    throw new OAuthError("invalid_request", "code_challenge is missing");
  }
  for (const resource of parameters.resource) assertResourceIndicator(resource);
  return {
    ...parameters,
    response_type: responseType,
    prompt: parsePrompt(parameters.prompt),
    claims: parseClaimsRequest(parameters.claims),
  };
}

function parsePrompt(values: readonly string[]): Prompt[] {
  const known = prompts.filter((prompt) => values.includes(prompt));
  if (known.length < new Set(values).size) {
    throw new OAuthError(
      "invalid_request",
      "prompt must be none, login, consent, select_account, create",
    );
  }
  if (known.includes("none") && known.length > 1) {
    throw new OAuthError("invalid_request", "prompt none must not be combined with other values");
  }
  return known;
}

/**
 * @throws {OAuthError} `invalid_request` for `create` if users cannot create accounts themselves
 * @see OpenID Connect Prompt Create section 4.1
 */
export function assertSupportedPrompt(
  config: { readonly signUp: string },
  { prompt }: AuthorizationRequestParameters,
) {
  const supported = supportedPrompts(config);
  if (prompt.every((value) => supported.includes(value))) return;
  throw new OAuthError("invalid_request", "prompt create is not supported: sign-up is not open");
}

/**
 * Refuses `device_sso` at a request whose user is not at the application: the sign-in on another device is
 * not the application's to share.
 *
 * @throws {OAuthError} `invalid_scope`
 * @see OpenID Connect Native SSO section 3.1
 */
export function assertNoDeviceSso({ scope }: Pick<AuthorizationRequestParameters, "scope">): void {
  if (!scope.includes("device_sso")) return;
  throw new OAuthError("invalid_scope", "scope must not contain device_sso here");
}

/**
 * Refuses authorization details at a request that takes none: a client that names some must not take a
 * token for a permission that nobody gave.
 *
 * @throws {OAuthError} `invalid_authorization_details`
 * @see RFC 9396 section 5
 */
export function assertNoDetails(parameters: Readonly<Record<string, unknown>>): void {
  if (parameters.authorization_details === undefined) return;
  throw new OAuthError(
    "invalid_authorization_details",
    "authorization_details are not accepted for this grant",
  );
}
