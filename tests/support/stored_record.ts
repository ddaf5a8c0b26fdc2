import * as accessTokens from "../../stores/access_tokens.ts";
import * as authorizationCodes from "../../stores/authorization_codes.ts";
import * as grants from "../../stores/grants.ts";
import type { Ref } from "../../stores/engine/collection.ts";
import * as families from "../../stores/refresh_token_families.ts";

/** The families of which a local file holds lists without names. */
const inLists: Readonly<Record<string, Ref<unknown>>> = {
  access_tokens: accessTokens.ref(""),
  authorization_codes: authorizationCodes.ref(""),
  grants: grants.ref(""),
  grants_by_user: { collection: grants.byUser, key: [] },
  refresh_token_families: families.ref(""),
};

/** A stored record with the names of its members, and its version; an event's entry has none. */
export function storedRecord(
  key: Deno.KvKey,
  stored: unknown,
): { readonly version: number; readonly record: Readonly<Record<string, unknown>> } {
  if (!Array.isArray(stored)) {
    const { version, record } = stored as { version: number; record?: Record<string, unknown> };
    return { version, record: record ?? {} };
  }
  const ref = inLists[String(key[0])];
  const raw = { key, value: stored, versionstamp: "1" };
  const record = ref?.collection.decode(ref, raw, 0).value ?? {};
  return { version: Number(stored[0]), record: record as Record<string, unknown> };
}
