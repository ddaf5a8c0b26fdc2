import * as rateLimits from "../../stores/rate_limits.ts";
import type { LimitDeps, LimitedKey } from "./reserve.ts";
import { codeAddressKey } from "./sign_in.ts";

/**
 * The limits of a guess at the user code of any device: of everybody together, from one address, and in
 * one session or browser. All must be exact: a right guess shows whose device waits.
 *
 * @param browser the session's id, or the digest of the browser's secret
 * @see RFC 8628 section 5.1
 */
export async function userCodeKeys(
  deps: Pick<LimitDeps, "config">,
  { address, browser }: { readonly address: string | null; readonly browser: string },
): Promise<[LimitedKey, LimitedKey, LimitedKey]> {
  const { limits } = deps.config;
  const name = "user-code";
  const ofBrowser = "user-code-browser";
  const [all, fromAddress, inBrowser] = await Promise.all([
    rateLimits.ref(name),
    codeAddressKey(deps, address),
    rateLimits.ref(ofBrowser, browser),
  ]);
  return [
    { name, limit: limits.userCode, ref: all },
    fromAddress,
    { name: ofBrowser, limit: limits.signIn, ref: inBrowser },
  ];
}
