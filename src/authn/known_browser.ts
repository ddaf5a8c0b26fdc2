import { systemOrigin } from "../../stores/engine/transaction.ts";
import { identifierRefs, ownerOfIdentifier } from "../../stores/user_names.ts";
import * as users from "../../stores/users.ts";
import type { Deps } from "../deps/deps.ts";
import { type Device, deviceOf } from "../sessions/device.ts";

/**
 * Finds out whether somebody has signed in with this browser to the account of a typed username or mail
 * address. A browser that knows no account costs no read. A browser that knows some costs the same two
 * reads, whatever was typed.
 *
 * @returns the id under which its requests for this account are counted; null: a stranger's browser
 */
export async function findDevice(
  deps: Pick<Deps, "kv">,
  devices: readonly Device[],
  typed: string,
): Promise<string | null> {
  if (devices.length === 0) return null;
  return await deps.kv.step(systemOrigin, async (tx) => {
    const found = await tx.read(identifierRefs(typed));
    const { user } = await tx.read({
      user: users.ref(ownerOfIdentifier(found, typed) ?? "nobody"),
    });
    return deviceOf(devices, user);
  });
}
