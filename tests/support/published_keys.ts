import { assertEquals } from "@std/assert";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import type { TestProvider } from "./provider.ts";
import { bodyOf } from "./tokens.ts";

/** The keys as relying parties fetch them. */
export async function publishedKeys(provider: TestProvider): Promise<JSONWebKeySet> {
  return await bodyOf(await provider.request("/.well-known/jwks.json"));
}

/** Verifies a JWT as a relying party would, by the key in the JWKS that its `kid` names. */
export async function verified(provider: TestProvider, jwt: string, alg: string, typ?: string) {
  const { keys } = await publishedKeys(provider);
  const header = decodeProtectedHeader(jwt);
  const named = keys.filter(({ kid }) => kid === header.kid);
  assertEquals(named.map(({ alg, use }) => [alg, use]), [[alg, "sig"]]);
  assertEquals([header.alg, header.typ], [alg, typ]);
  const currentDate = new Date(provider.clock.milliseconds());
  return (await jwtVerify(jwt, createLocalJWKSet({ keys: named }), { currentDate })).payload;
}
