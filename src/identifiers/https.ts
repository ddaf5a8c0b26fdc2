/** Whether a URI is https. A scheme is the same in upper case. @see RFC 3986 section 3.1 */
export function isHttps(uri: string): boolean {
  return /^https:/i.test(uri);
}
