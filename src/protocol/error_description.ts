import type { OAuthError } from "./errors.ts";

/**
 * The `error_description` for a client's developer; in development it includes the reason. It is always
 * ASCII without quotes and backslashes.
 * @see RFC 6749 sections 4.1.2.1 and 5.2
 */
export function descriptionFor(
  { environment }: { readonly environment: string },
  { description, code, reason }: OAuthError,
): string {
  const told = environment === "development" && reason !== code
    ? `${description} (${reason})`
    : description;
  return told.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "?");
}
