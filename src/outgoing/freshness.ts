/** Seconds for which an answer may be used that does not say how long. */
const usual = 3600;

/**
 * For how long an answer may be used, in seconds, by its own headers and within bounds.
 *
 * @see RFC 9111 section 4.2.1
 */
export function freshness(
  headers: Headers,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const control = (headers.get("cache-control") ?? "").toLowerCase();
  if (/\b(no-store|no-cache)\b/.test(control)) return least;
  const [, age] = /\bmax-age="?(\d{1,9})/.exec(control) ?? [];
  return age === undefined ? usual : Math.min(Math.max(Number(age), least), most);
}
