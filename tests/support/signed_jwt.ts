import { SignJWT } from "jose";

type Members = Readonly<Record<string, unknown>>;

/** Claims without those that are undefined, by which a test leaves one out. */
export function given(claims: Members): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** A JWT of the claims that are given. */
export function signedJwt(
  key: CryptoKey | Uint8Array,
  claims: Members,
  header: Members & { readonly alg: string },
): Promise<string> {
  // The library signs no extension that it is not told of.
  const names = Array.isArray(header.crit) ? header.crit : [];
  const crit = Object.fromEntries(names.map((name) => [name, true]));
  return new SignJWT(given(claims)).setProtectedHeader(header).sign(key, { crit });
}
