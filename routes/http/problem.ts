import { LastAdministrator } from "../../src/logout/administrators.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { RecordExists } from "../../stores/engine/transaction.ts";
import { Conflict, NotFound } from "../../src/admin/errors.ts";
import { RotatedRecently } from "../../src/keys/encryption_key_rotation.ts";
import { KeyTooFresh } from "../../src/keys/key_rotation.ts";
import { OAuthError, statusOf } from "../../src/protocol/errors.ts";
import { type BrokenRule, InvalidEntry } from "../../src/protocol/json_entry.ts";

/** Every kind of problem that the admin API answers with. */
const kinds = {
  invalid_request: { status: 400, title: "The request is malformed" },
  invalid_token: { status: 401, title: "The access token is missing or invalid" },
  insufficient_user_authentication: {
    status: 401,
    title: "The user must sign in again, or with a stronger method",
  },
  insufficient_scope: { status: 403, title: "The access token does not allow this" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "This path does not support this method" },
  conflict: { status: 409, title: "The request conflicts with the present state" },
  precondition_failed: { status: 412, title: "The record was changed after it was read" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type of the body is not supported" },
  validation_failed: { status: 422, title: "The body breaks a rule" },
  idempotency_key_reused: { status: 422, title: "The key belongs to another request" },
  precondition_required: { status: 428, title: "The request needs an If-Match header" },
  too_many_requests: { status: 429, title: "There were too many requests" },
  operation_failed: { status: 500, title: "The operation failed" },
  unexpected_error: { status: 500, title: "An unexpected error occurred" },
  unavailable: { status: 503, title: "The store is unavailable" },
} as const;
export type ProblemKind = keyof typeof kinds;

/** One rule that a body breaks. */
export interface FieldError {
  /** The place in the body. @see RFC 6901 */
  readonly pointer: string;
  readonly detail: string;
}

/** A refusal of the admin API. @see RFC 9457 section 3 */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    { errors = [], headers = {}, cause }: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${kind}: ${detail}`, { cause });
    this.status = kinds[kind].status;
    this.title = kinds[kind].title;
    this.errors = errors;
    this.headers = headers;
  }
}

/** Makes a problem of a thrown error. Of an unexpected error it tells nothing. */
export function problemOf(thrown: Error): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof InvalidEntry) return invalid(thrown);
  if (thrown instanceof NotFound) return new Problem("not_found", thrown.message);
  if (thrown instanceof Conflict) {
    return new Problem("conflict", thrown.message, { cause: thrown.cause });
  }
  if (thrown instanceof KeyTooFresh || thrown instanceof RotatedRecently) {
    const headers = { "Retry-After": String(thrown.seconds) };
    return new Problem("conflict", thrown.message, { headers, cause: thrown });
  }
  if (thrown instanceof OAuthError) {
    const { description, headers } = thrown;
    return new Problem(kindOf(thrown), description, { headers, cause: thrown });
  }
  if (thrown instanceof RecordExists) {
    return new Problem("conflict", "another request took that name first", { cause: thrown });
  }
  if (thrown instanceof LastAdministrator) {
    const detail = "this is the only administrator: make another user an administrator first";
    return new Problem("conflict", detail, { cause: thrown });
  }
  if (thrown instanceof StoreUnavailable) {
    return new Problem("unavailable", "try again soon", {
      headers: { "Retry-After": "1" },
      cause: thrown,
    });
  }
  if (thrown instanceof StoreLimitExceeded && /value too large/i.test(thrown.message)) {
    return new Problem("body_too_large", "a record cannot be that large", { cause: thrown });
  }
  return new Problem("unexpected_error", "it has been logged", { cause: thrown });
}

function invalid({ rules }: InvalidEntry): Problem {
  const errors = rules.map(fieldError);
  const [first] = errors;
  const detail = `${first?.pointer || "the body"} ${first?.detail ?? "is not valid"}`;
  return new Problem("validation_failed", detail, { errors });
}

/** @see RFC 6901 section 3 */
function fieldError({ path, rule }: BrokenRule): FieldError {
  const parts = path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1"));
  return { pointer: parts.map((part) => `/${part}`).join(""), detail: rule };
}

const kindByStatus: Readonly<Record<number, ProblemKind>> = {
  401: "invalid_token",
  403: "insufficient_scope",
  413: "body_too_large",
  415: "unsupported_media_type",
  429: "too_many_requests",
  500: "unexpected_error",
  503: "unavailable",
};

function kindOf(error: OAuthError): ProblemKind {
  if (error.code === "insufficient_user_authentication") return error.code;
  return kindByStatus[statusOf(error, "resource")] ?? "invalid_request";
}
