import type { Origin } from "../../stores/engine/transaction.ts";
import type { TokenPresentation } from "../tokens/possession.ts";
import type { Problem } from "./problem.ts";

/** A request of the admin API, of which nothing is checked yet. */
export interface AdminRequest extends TokenPresentation {
  readonly origin: Origin;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly idempotencyKey: string | null;
}

/**
 * A request's body. What is wrong with it is told only to who may call the API, so it is kept until
 * somebody asks for the content.
 */
export interface Body {
  /** Empty if there is none. */
  readonly text: string;
  readonly problem: Problem | null;
}

/** What the API answers, before it is HTTP. */
export type Answer =
  & { readonly headers: Readonly<Record<string, string>> }
  & (
    | { readonly status: 200 | 201 | 202; readonly body: Readonly<Record<string, unknown>> }
    | { readonly status: 204 | 304; readonly body: null }
  );

export function answer(
  body: Readonly<Record<string, unknown>>,
  headers: Answer["headers"] = {},
  status: 200 | 201 | 202 = 200,
): Answer {
  return { status, body, headers };
}

/** Done, and there is nothing to tell. */
export const done: Answer = { status: 204, body: null, headers: {} };
