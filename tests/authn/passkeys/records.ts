import { isPresent } from "../../../stores/engine/collection.ts";
import * as passkeys from "../../../stores/passkeys.ts";
import type { Passkey } from "../../../stores/passkeys.ts";
import { systemOrigin } from "../../../stores/engine/transaction.ts";
import { inBatches } from "../../../stores/engine/batches.ts";
import type { TestProvider } from "../../support/provider.ts";

/** The records of a person's passkeys, in their order. */
export async function passkeysOf(
  provider: TestProvider,
  username = "alice",
): Promise<(Passkey & { readonly id: string })[]> {
  const { user } = await provider.userOf(username);
  return await provider.deps.kv.step(systemOrigin, async (tx) => {
    const found = await inBatches(tx, user.passkeys.map(passkeys.ref));
    return found.filter(isPresent).map((passkey) => ({
      ...passkey.value,
      id: passkeys.idOf(passkey),
    }));
  });
}
