import { responseTypes } from "../../stores/response_types.ts";

export type ResponseType = (typeof responseTypes)[number];

/**
 * The response type that a request names, in any order of its words; null: none that this server knows.
 * `token` alone is not known: nothing would tell the client for whom the token was issued.
 *
 * @see OAuth 2.0 Multiple Response Type Encoding Practices sections 3 and 5, RFC 9700 section 2.1.2
 */
export function responseTypeOf(text: string): ResponseType | null {
  const words = text.split(" ").toSorted().join(" ");
  return responseTypes.find((known) => known === words) ?? null;
}

type Word = "code" | "id_token" | "token";

/** Whether the answer to a request has this in it. */
export function holds(type: ResponseType, word: Word): boolean {
  return type.split(" ").includes(word);
}

/**
 * Whether the answer would carry tokens through the browser: then it must never be in a query, which logs
 * and `Referer` headers show. It is asked before the request is checked, so also of unknown types.
 *
 * @param text the `response_type` as it was sent
 */
export function carriesTokens(text: unknown): boolean {
  return typeof text === "string" && text.split(" ").some((word) => /^(id_)?token$/.test(word));
}
