/**
 * Whether the host of a URL means the machine of whoever opens it, whatever a resolver answers: 127.0.0.0/8,
 * ::1 and localhost. No caller of this checks the address that is connected to. So a name below localhost is
 * none of these: a DNS server, a container's alias or a search domain can answer it with another machine,
 * which would get the password, code or token in the clear.
 *
 * @param hostname as `URL` has it, so that other forms of an address are this one already
 * @see RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3, RFC 6761 section 6.3
 */
export function isLoopback({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname);
}

/**
 * Whether the host of a URL is loopback or a name below localhost. Only for URLs that are called through
 * `sendOutgoing` and its guard: in development, the guard refuses such a name unless each address that DNS
 * has for it is loopback, and connects to the address that it checked. In production it refuses http.
 *
 * @see RFC 6761 section 6.3
 */
export function isLoopbackName(url: Pick<URL, "hostname">): boolean {
  return isLoopback(url) || /^([a-z0-9-]+\.)+localhost$/.test(url.hostname);
}

/** A URL of https or http; null: it is another one, or none. */
export function webUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : null;
}

/**
 * The URL of a redirect URI that has a host: https, or http on the user's own machine. Null for others:
 * what stands in the place of a host behind a private-use scheme is nobody's, and anybody can register
 * `com.example.app://shop.example/callback`.
 */
export function hostedUrl(redirectUri: string): URL | null {
  const url = webUrl(redirectUri);
  return url?.protocol === "https:" || (url !== null && isLoopback(url)) ? url : null;
}

/**
 * What is wrong with a URL that this server may call for a client, or null: it is https, or http on this
 * machine. Whether it may be called is decided when it is; what could never be is refused here, where the
 * client is told.
 */
export function calledUrlProblem(text: string): string | null {
  const url = URL.parse(text);
  const isHttps = url?.protocol === "https:";
  if (url === null || (!isHttps && !(url.protocol === "http:" && isLoopbackName(url)))) {
    return "must be an https URL";
  }
  // A parser would drop spaces at its ends and turn backslashes. In a content security policy, where some
  // of these URLs are, spaces, commas and semicolons would end it.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) return "must be printable ASCII without backslashes";
  if (text.includes("#")) return "must have no fragment";
  // It is shown to operators, and written to the log.
  if (url.username || url.password) return "must have no user name or password";
  return text.length <= 2048 ? null : "must have at most 2048 characters";
}
