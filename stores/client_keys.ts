import { z } from "zod";
import { collection, type Ref } from "./engine/collection.ts";
import { fetchedKeysShape } from "./fetched_keys.ts";

const schema = z.object({
  /** Where the keys are from. If the client's `jwks_uri` is another one, they are not its keys. */
  jwksUri: z.string(),
  ...fetchedKeysShape,
});
/** The keys that were found at a client's `jwks_uri`. */
export type ClientKeys = z.infer<typeof schema>;
const clientKeys = collection({ family: "client_keys", version: 1, schema });

export function ref(clientId: string): Ref<ClientKeys> {
  return clientKeys.ref(clientId);
}
