import * as backchannelRequests from "../../stores/backchannel_requests.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as passkeys from "../../stores/passkeys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { inBatches } from "../../stores/engine/batches.ts";
import type { Deps } from "../deps/deps.ts";
import { type AccountHolder, type AccountRequest, accountStep } from "./account_step.ts";
import { type Activity, recentActivity } from "./activity.ts";

export interface AccountOverview {
  readonly holder: AccountHolder;
  readonly recent: readonly Activity[];
  /** The codes that are left of those created; null: none were ever created. */
  readonly recoveryCodes: number | null;
  /** Whether a request of an application waits for the user. */
  readonly requestWaits: boolean;
  readonly warnings: readonly ("passkeyCopied" | "fewCodes" | "noEmail")[];
}

const recentCount = 5;
const fewCodes = 3;

/** The content of the first account page. @throws {SignInNeeded} */
export async function readOverview(deps: Deps, request: AccountRequest): Promise<AccountOverview> {
  const holder = await accountStep(deps, request, { recent: false }, (_, holder) => holder);
  const { recoveryCodes: codes, claims } = holder.user.value;
  const recoveryCodes = codes && codes.digests.length;
  const { events: recent } = await recentActivity(deps, holder, { count: recentCount });
  const warnings: AccountOverview["warnings"][number][] = [];
  if (await hasCopiedPasskey(deps, holder)) warnings.push("passkeyCopied");
  if (recoveryCodes !== null && recoveryCodes <= fewCodes) warnings.push("fewCodes");
  if (claims.email_verified !== true) warnings.push("noEmail");
  const requestWaits = await hasRequest(deps, holder);
  return { holder, recent, recoveryCodes, requestWaits, warnings };
}

async function hasRequest(deps: Deps, { userId }: AccountHolder): Promise<boolean> {
  const collection = backchannelRequests.byUser;
  const { entries } = await deps.kv.list({ collection, prefix: [userId], limit: 1 });
  return entries.length > 0;
}

async function hasCopiedPasskey(deps: Deps, { user }: AccountHolder): Promise<boolean> {
  const refs = user.value.passkeys.map(passkeys.ref);
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  return found.filter(isPresent).some(({ value }) => value.copySuspectedAt !== null);
}
