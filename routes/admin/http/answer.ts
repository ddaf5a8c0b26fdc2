import type { JsonObject } from "../../../src/protocol/json_entry.ts";

/** An answer of the admin API. It is plain data, so that it can be kept for a repeated request. */
export type Answer =
  & { readonly headers: Readonly<Record<string, string>> }
  & (
    | { readonly status: 200 | 201 | 202; readonly body: JsonObject }
    | { readonly status: 204 | 304; readonly body: null }
  );

export function answer(
  body: JsonObject,
  headers: Answer["headers"] = {},
  status: 200 | 201 | 202 = 200,
): Answer {
  return { status, body, headers };
}

/** Success without content. */
export const done: Answer = { status: 204, body: null, headers: {} };
