import { z } from "zod";
import type { Deps } from "../deps/deps.ts";
import { isBlank, shownTextProblem } from "../identifiers/shown_text.ts";
import {
  assertNoDeviceSso,
  parseAuthorizationParameters,
} from "../protocol/authorization_parameters.ts";
import { OAuthError } from "../protocol/errors.ts";
import { keptParameters, tooLongToKeep } from "../protocol/kept_parameters.ts";
import { parseParameters, type RawParameters } from "../protocol/parameters.ts";
import { assertOneHint } from "./hinted_user.ts";

/** Characters: it has to fit beside what the client shows. */
const longestMessage = 64;

const parameters = z.object({
  login_hint: z.string().min(1).max(256).optional(),
  login_hint_token: z.string().optional(),
  id_token_hint: z.string().optional(),
  binding_message: z.string().optional(),
  client_notification_token: z.string().optional(),
  requested_expiry: z.string().regex(/^0*[1-9][0-9]*$/, "must be a positive number of seconds")
    .transform(Number).optional(),
});

/** The parameters that count beside those; everything else is ignored. */
const names = [
  "acr_values",
  "authorization_details",
  "claims",
  "dpop_jkt",
  "resource",
  "scope",
  "ui_locales",
];

/** The parameters that the client may sign. @see CIBA Core section 7.1 */
export const known: ReadonlySet<string> = new Set([
  ...Object.keys(parameters.shape),
  ...names,
  "request",
  "request_uri",
  "user_code",
]);

/** Reads the request by its own rules and by those of an authorization request. @throws {OAuthError} */
export function parseRequest({ config }: Pick<Deps, "config">, form: RawParameters) {
  const sent = parseParameters(parameters, form);
  assertOneHint(sent);
  const bindingMessage = sent.binding_message ?? null;
  assertShowable(bindingMessage);
  const kept = keptOf(form);
  const tooLong = tooLongToKeep(kept);
  if (tooLong !== null) throw new OAuthError("invalid_request", tooLong);
  const parsed = parseAuthorizationParameters({ ...kept, response_type: "code" });
  assertNoDeviceSso(parsed);
  if (!parsed.scope.includes("openid")) {
    throw new OAuthError("invalid_scope", "scope must contain openid");
  }
  const { backchannelRequest: most } = config.lifetimes;
  const lifetime = Math.min(sent.requested_expiry ?? most, most);
  const { client_notification_token: token } = sent;
  return { kept, parsed, bindingMessage, token, lifetime };
}

/** The hints, if they can be read: the step refuses the others, after it knows who calls. */
export function readableHints(form: RawParameters) {
  try {
    return parseParameters(parameters, form);
  } catch (error) {
    if (error instanceof OAuthError) return null;
    throw error;
  }
}

function keptOf(form: RawParameters): Record<string, string | string[]> {
  const entries = Object.entries(form).filter(([name]) => names.includes(name));
  return keptParameters(Object.fromEntries(entries));
}

/** @see CIBA Core sections 7.1 and 13 */
function assertShowable(message: string | null) {
  if (message === null) return;
  const problem = shownTextProblem(message);
  const isWrong = problem !== null || isBlank(message) || message.length > longestMessage;
  if (!isWrong) return;
  throw new OAuthError(
    "invalid_binding_message",
    `binding_message must be printable, and have at most ${longestMessage} characters`,
  );
}
