import type { Context } from "hono";
import type { ResetTarget } from "../../src/authn/passwords/reset_link.ts";
import { signInWithPassword } from "../../src/authn/passwords/sign_in.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import type { Device } from "../../src/sessions/device.ts";
import { type AppEnv, userAgentOf } from "../http/context.ts";
import { readBrowser, readSession } from "../http/cookies.ts";
import { redirectToNextStep, resume } from "../http/interaction.ts";

/**
 * Continues the sign-in that led to a new password, as if that password had been typed on the sign-in
 * page. So the second factor is required, and every limit applies.
 */
export async function signInAnew(
  c: Context<AppEnv>,
  deps: Deps,
  { interactionId, device, target, password }: {
    readonly interactionId: string;
    readonly device: Device;
    readonly target: ResetTarget;
    readonly password: string;
  },
) {
  try {
    const { outcome } = await signInWithPassword(deps, {
      origin: c.get("origin"),
      interactionId,
      browserDigest: await readBrowser(c, deps, interactionId),
      session: await readSession(c, deps),
      devices: [device],
      userAgent: userAgentOf(c),
      username: target.username,
      password,
    });
    if (outcome.kind === "signed_in" || outcome.kind === "second_factor") {
      return await redirectToNextStep(c, deps, outcome, interactionId);
    }
  } catch (error) {
    // The password is changed, even if the request has ended meanwhile. Its page says so.
    if (!(error instanceof OAuthError)) throw error;
  }
  return resume(c, interactionId);
}
