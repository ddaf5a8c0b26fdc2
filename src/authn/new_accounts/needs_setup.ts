import * as users from "../../../stores/users.ts";
import type { Deps } from "../../deps/deps.ts";

/** Whether nobody has an account yet. Development creates its users itself. */
export async function needsSetup(deps: Deps): Promise<boolean> {
  if (deps.config.environment === "development") return false;
  const { entries } = await deps.kv.list({ collection: users.all, limit: 1 });
  return entries.length === 0;
}
