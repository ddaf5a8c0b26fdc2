/**
 * Where a page is about an interaction. An id is base64url with dots, so it is not encoded.
 *
 * @param path a page of this server, without a query
 * @param interactionId null: the page is about none
 */
export function interactionUrl(path: string, interactionId: string | null): string {
  return interactionId === null ? path : `${path}?interaction=${interactionId}`;
}
