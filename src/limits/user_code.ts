import * as rateLimits from "../../stores/rate_limits.ts";
import type { LimitDeps, LimitedKey } from "./reserve.ts";
import { codeAddressKey } from "./sign_in.ts";

/** Who types a user code: a user who is signed in, or somebody with a browser (the digest of its secret). */
export type CodeTyper =
  | { readonly kind: "user"; readonly userId: string }
  | { readonly kind: "browser"; readonly browserDigest: string };

/**
 * The limits of a guess at the user code of any device: of everybody together, from one address, and of
 * one user or browser. Users who are signed in have a common limit of their own: strangers, who can use up
 * only theirs, cannot keep them from their devices. All must be exact: a right guess shows whose device
 * waits.
 *
 * @see RFC 8628 section 5.1
 */
export async function userCodeKeys(
  deps: Pick<LimitDeps, "config">,
  { address, typer }: { readonly address: string | null; readonly typer: CodeTyper },
): Promise<[LimitedKey, LimitedKey, LimitedKey]> {
  const { limits } = deps.config;
  const isUser = typer.kind === "user";
  const name = isUser ? "user-code-signed-in" : "user-code";
  // By user and not by session: one can open any number of sessions.
  const ofBrowser = isUser ? "user-code-user" : "user-code-browser";
  const [all, fromAddress, inBrowser] = await Promise.all([
    rateLimits.ref(name),
    codeAddressKey(deps, address),
    rateLimits.ref(ofBrowser, isUser ? typer.userId : typer.browserDigest),
  ]);
  return [
    { name, limit: limits.userCode, ref: all },
    fromAddress,
    { name: ofBrowser, limit: limits.signIn, ref: inBrowser },
  ];
}
