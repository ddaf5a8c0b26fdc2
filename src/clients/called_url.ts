import { isLoopbackName } from "../identifiers/loopback.ts";

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
