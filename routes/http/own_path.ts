/**
 * Path and query of a URL, for a link or a redirect of ours. A path that begins with two slashes would be
 * another host: the browser would open `//evil.example/x` there.
 */
export function ownPath({ pathname, search }: URL): string {
  return `/${pathname.replace(/^\/+/, "")}${search}`;
}
