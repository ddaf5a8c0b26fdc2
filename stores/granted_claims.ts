import { z } from "zod";

const claimValues = z.record(z.string(), z.array(z.unknown()));
/** Names and values of individually requested and granted claims. @see OpenID Connect Core section 5.5 */
export const grantedClaims = z.object({
  userinfo: z.array(z.string()),
  idToken: z.array(z.string()),
  /** The values that the request named, by claim; absent: none in either place. */
  values: z.object({ userinfo: claimValues, idToken: claimValues }).optional(),
});
export type GrantedClaims = z.infer<typeof grantedClaims>;

const requestsBefore = z.record(z.string(), z.unknown()).nullish().transform((one) => one ?? {});
const claimsBefore = z.object({ userinfo: requestsBefore, id_token: requestsBefore });
const valuesBefore = z.object({ values: z.array(z.unknown()) });

/** Version 1 stored the `claims` parameter, and so the values as well. */
export function claimsInVersion1(grant: unknown): GrantedClaims {
  const { claims } = z.object({ claims: z.string().nullable() }).parse(grant);
  const { userinfo, id_token } = claimsBefore.parse(claims === null ? {} : JSON.parse(claims));
  const names = { userinfo: Object.keys(userinfo), idToken: Object.keys(id_token) };
  const values = { userinfo: valuesIn(userinfo), idToken: valuesIn(id_token) };
  const named = [values.userinfo, values.idToken].flatMap(Object.keys);
  return named.length === 0 ? names : { ...names, values };
}

function valuesIn(requests: Record<string, unknown>): z.infer<typeof claimValues> {
  const found = Object.entries(requests).map(([name, request]) => {
    return [name, valuesBefore.safeParse(request).data?.values] as const;
  });
  return claimValues.parse(Object.fromEntries(found.filter(([, values]) => values !== undefined)));
}

/** What version 1 reads. */
export function claimsForVersion1({ userinfo, idToken, values }: GrantedClaims): string | null {
  if (userinfo.length === 0 && idToken.length === 0) return null;
  const members = (names: string[], wanted: z.infer<typeof claimValues> = {}) =>
    Object.fromEntries(names.map((name) => [name, wanted[name] ? { values: wanted[name] } : null]));
  const { userinfo: here, idToken: there } = values ?? {};
  return JSON.stringify({ userinfo: members(userinfo, here), id_token: members(idToken, there) });
}
