import { z } from "zod";
import type { Deps } from "../deps/deps.ts";

const schema = z.object({ authReqId: z.string(), token: z.string() });
/** The secrets by which a client recognises a message. */
export type PingSecrets = z.infer<typeof schema>;

/** Seals them for the request whose grant has this id: only its message can be made of them. */
export async function sealPing(
  { masterKey }: Pick<Deps, "masterKey">,
  grantId: string,
  secrets: PingSecrets,
): Promise<string> {
  return await masterKey.seal(JSON.stringify(secrets), contextOf(grantId));
}

/** @throws {SealError} */
export async function unsealPing(
  { masterKey }: Pick<Deps, "masterKey">,
  grantId: string,
  sealed: string,
): Promise<PingSecrets> {
  return schema.parse(JSON.parse(await masterKey.unseal(sealed, contextOf(grantId))));
}

function contextOf(grantId: string): string {
  return `ping_outbox/${grantId}`;
}
