import { LastAdministrator } from "../logout/administrators.ts";
import { RecordExists } from "../../stores/engine/transaction.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../../stores/engine/kv.ts";
import { OAuthError, statusOf } from "../protocol/errors.ts";

/** Every kind of problem that the admin API answers with. */
const kinds = {
  invalid_request: { status: 400, title: "The request is not well-formed" },
  invalid_token: { status: 401, title: "The access token is missing or not good" },
  insufficient_user_authentication: {
    status: 401,
    title: "The person has to sign in again, or with more",
  },
  insufficient_scope: { status: 403, title: "The access token does not open this" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "This has no such method" },
  conflict: { status: 409, title: "The request conflicts with how things are" },
  precondition_failed: { status: 412, title: "It was changed since it was read" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body is of another type than it must be" },
  validation_failed: { status: 422, title: "The body breaks a rule" },
  idempotency_key_reused: { status: 422, title: "The key belongs to another request" },
  precondition_required: { status: 428, title: "The request must say what it changes" },
  too_many_requests: { status: 429, title: "There were too many requests" },
  operation_failed: { status: 500, title: "The work has failed" },
  unexpected_error: { status: 500, title: "Something went wrong here" },
  unavailable: { status: 503, title: "The store is out of reach" },
} as const;
export type ProblemKind = keyof typeof kinds;

/** One rule that a body breaks. */
export interface FieldError {
  /** Where in the body. @see RFC 6901 */
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

export function notFound(what: string): Problem {
  return new Problem("not_found", `there is no such ${what}`);
}

/** Makes a problem of whatever was thrown; of what nobody expected it tells nothing. */
export function problemOf(thrown: Error): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof OAuthError) {
    const { description, headers } = thrown;
    return new Problem(kindOf(thrown), description, { headers, cause: thrown });
  }
  if (thrown instanceof RecordExists) {
    return new Problem("conflict", "somebody else was first to take that name", { cause: thrown });
  }
  if (thrown instanceof LastAdministrator) {
    const detail = "this is the only administrator: make somebody else one first";
    return new Problem("conflict", detail, { cause: thrown });
  }
  if (thrown instanceof StoreUnavailable) {
    return new Problem("unavailable", "try again soon", {
      headers: { "Retry-After": "1" },
      cause: thrown,
    });
  }
  if (thrown instanceof StoreLimitExceeded && /value too large/i.test(thrown.message)) {
    return new Problem("body_too_large", "a record holds less than that", { cause: thrown });
  }
  return new Problem("unexpected_error", "it has been logged", { cause: thrown });
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
