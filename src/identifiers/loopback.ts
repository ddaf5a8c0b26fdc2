/**
 * Whether the host of a URL means the machine of whoever opens it: 127.0.0.0/8, ::1, localhost and the
 * names below it. A name can still have another address where it is looked up: who connects to it checks
 * that.
 *
 * @param hostname as `URL` has it, so that other forms of an address are this one already
 * @see RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3, RFC 6761 section 6.3
 */
export function isLoopback({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(hostname);
}

/**
 * The URL of a redirect URI that has a host: https, or http on the user's own machine. Null for others:
 * what stands in the place of a host behind a private-use scheme is nobody's, and anybody can register
 * `com.example.app://shop.example/callback`.
 */
export function hostedUrl(redirectUri: string): URL | null {
  const url = URL.parse(redirectUri);
  if (url === null || url.protocol === "https:") return url;
  return url.protocol === "http:" && isLoopback(url) ? url : null;
}
