import type { OAuthError } from "./errors.ts";

/**
 * What a client's developer is told: in development the reason too. It is ASCII without quotes and
 * backslashes, whatever an error was made of.
 *
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
