import type { AuthorizationDetail } from "../../../stores/authorization_detail_types.ts";
import type { Resource } from "../../../stores/resources.ts";
import { OAuthError } from "../../protocol/errors.ts";

/** The resources of details, each once. */
export function locationsOf(details: readonly AuthorizationDetail[]): string[] {
  return [...new Set(details.flatMap(({ locations }) => locations))];
}

/** Details at some of their locations alone. One that is at none of them is left out. */
export function limitedTo(
  details: readonly AuthorizationDetail[],
  left: readonly string[],
): AuthorizationDetail[] {
  return details.flatMap((detail) => {
    const locations = detail.locations.filter((one) => left.includes(one));
    return locations.length === 0 ? [] : [{ ...detail, locations }];
  });
}

/**
 * Refuses details of another resource than that of the token: the client would get less than it asks for.
 *
 * @throws {OAuthError} `invalid_authorization_details`
 */
export function assertAllAt(
  details: readonly AuthorizationDetail[],
  resource: Resource | null,
): void {
  const at = resource?.resource;
  if (at !== undefined && details.every(({ locations }) => locations.includes(at))) return;
  throw refusedDetails("must be for the resource of the token");
}

/** @param problem the end of a sentence; it never contains a value @see RFC 9396 section 5 */
export function refusedDetails(problem: string): OAuthError {
  return new OAuthError("invalid_authorization_details", `authorization_details ${problem}`);
}
