/**
 * The token of a link: the id of what the link is about, and a secret. Only its digest is stored, which
 * covers both.
 */
export function linkToken(id: string, secret: string): string {
  return `${id}.${secret}`;
}

/** The id in a token; null if it is not a token. */
export function idInToken(token: string): string | null {
  return /^([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? null;
}
