import { tokensOf } from "../support/tokens.ts";
import { ops, patiently, type World } from "./world.ts";

/** Good for an hour, which is longer than anything is raced here. */
export async function operatorsToken(world: World): Promise<string> {
  const { client_id, client_secret = "" } = ops;
  const resource = `${world.issuer}/api/v1`;
  const form = { grant_type: "client_credentials", client_id, client_secret, resource };
  const asked = await patiently(() =>
    world.post(0, "/token", { ...form, scope: "latchkey:admin" })
  );
  return (await tokensOf(asked)).access_token;
}
