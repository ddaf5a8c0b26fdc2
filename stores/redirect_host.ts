/** Whether a URL stays on the machine of who opens it. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
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
