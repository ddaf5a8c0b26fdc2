import { accountSteps } from "./account.ts";
import { elsewhereSteps } from "./elsewhere.ts";
import { linkSteps } from "./links.ts";
import { securitySteps } from "./security.ts";
import { signInSteps } from "./sign_in.ts";
import type { Step } from "./step.ts";

/** Each path to which a form of ours, or its script, is posted. */
export const steps: Readonly<Record<string, Step>> = {
  ...signInSteps,
  ...linkSteps,
  ...elsewhereSteps,
  ...accountSteps,
  ...securitySteps,
};
