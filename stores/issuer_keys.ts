import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import { fetchedKeysShape } from "./fetched_keys.ts";

const schema = z.object({
  /** The issuer, or the URL of its keys: as the configuration named it when they were fetched. */
  source: z.string(),
  ...fetchedKeysShape,
});
/** The keys of another authorization server whose assertions are accepted. */
export type IssuerKeys = z.infer<typeof schema>;
const issuerKeys = collection({ family: "issuer_keys", version: 1, schema });

/** @param issuer of at most 256 characters */
export function ref(issuer: string): Ref<IssuerKeys> {
  return issuerKeys.ref(issuer);
}
