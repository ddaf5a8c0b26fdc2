import type { ClaimRule, Client } from "../../stores/clients.ts";
import type { Grant, GrantedClaims } from "../../stores/grants.ts";
import { type ClaimRequest, type ClaimsRequest, wantedValues } from "../protocol/claims_request.ts";
import { type ClaimValues, signInClaims, wantedPart } from "./claims.ts";

/** The claims that a request asks for one by one, by this server's names. @see OpenID Connect Core section 5.5 */
export function requestedClaims(
  { claimRules }: Pick<Client, "claimRules">,
  requested: ClaimsRequest | null,
): GrantedClaims {
  const userinfo = requestsByName(claimRules, requested?.userinfo);
  const idToken = requestsByName(claimRules, requested?.id_token);
  for (const name of signInClaims) idToken.delete(name);
  const values = { userinfo: valuesOf(userinfo), idToken: valuesOf(idToken) };
  const named = { userinfo: [...userinfo.keys()], idToken: [...idToken.keys()] };
  return isEmpty(values.userinfo) && isEmpty(values.idToken) ? named : { ...named, values };
}

/**
 * A name with a language tag asks for the claim in that language: a person has each claim in one
 * language, which is returned without a tag (section 5.2). A client may also call a claim by the name
 * that its rules give it.
 */
function requestsByName(
  rules: readonly ClaimRule[],
  requests: Readonly<Record<string, ClaimRequest>> | null | undefined,
): Map<string, ClaimRequest[]> {
  const found = new Map<string, ClaimRequest[]>();
  for (const [tagged, request] of Object.entries(requests ?? {})) {
    const name = /^([^#]+)#.+$/.exec(tagged)?.[1] ?? tagged;
    const claim = rules.find(({ as }) => as === name)?.claim ?? name;
    found.set(claim, [...found.get(claim) ?? [], request]);
  }
  return found;
}

/** The wanted values of each claim; one that is requested several times has those of all requests. */
function valuesOf(
  requests: ReadonlyMap<string, readonly ClaimRequest[]>,
): Record<string, unknown[]> {
  const found: [string, unknown[]][] = [];
  for (const [name, several] of requests) {
    const lists = several.map(wantedValues);
    if (lists.includes(null)) continue;
    found.push([name, lists.flatMap((list) => list ?? [])]);
  }
  return Object.fromEntries(found);
}

/** The claims about the sign-in that a request asks for at userinfo. */
export function signInClaimsOf(
  { authTime, acr, amr }: Pick<Grant, "authTime" | "acr" | "amr">,
  names: readonly string[],
  values: ClaimValues = {},
): Record<string, unknown> {
  if (names.length === 0 || authTime === null) return {};
  const known = { auth_time: authTime, acr, amr };
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, value]) => {
      if (!names.includes(name)) return [];
      const wanted = Object.hasOwn(values, name) ? values[name] : undefined;
      const part = wanted === undefined ? value : wantedPart(value, wanted);
      return part === undefined ? [] : [[name, part]];
    }),
  );
}

function isEmpty(values: ClaimValues): boolean {
  return Object.keys(values).length === 0;
}
