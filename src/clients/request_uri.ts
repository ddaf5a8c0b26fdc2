/**
 * What is wrong with a URL from which a request object may be fetched, or null. Whether it may be called
 * is decided when it is.
 *
 * @see OpenID Connect Dynamic Client Registration section 2, `request_uris`
 */
export function requestUriProblem(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "https:") return "must be an https URL";
  if (url.hash !== "" || text.includes("#")) return "must not have a fragment";
  if (url.username !== "" || url.password !== "") return "must not have a user or a password";
  return text.length <= 512 ? null : "must have at most 512 characters";
}
