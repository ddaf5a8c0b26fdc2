import { limitedKey } from "./limited_key.ts";
import type { LimitDeps, LimitedKey } from "./reservation.ts";
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
  return await Promise.all([
    allUserCodesKey(deps, typer.kind),
    codeAddressKey(deps, address),
    // Counted by user and not by session, because a user can open any number of sessions.
    typer.kind === "user"
      ? userCodesOfUserKey(deps, typer.userId)
      : browserKey(deps, typer.browserDigest),
  ]);
}

/** The limit of all users who are signed in together, or of all strangers. */
export async function allUserCodesKey(
  { config }: Pick<LimitDeps, "config">,
  kind: CodeTyper["kind"],
): Promise<LimitedKey> {
  const name = kind === "user" ? "user-code-signed-in" : "user-code";
  return await limitedKey(name, config.limits.userCode);
}

/** The limit of one user who is signed in. */
export async function userCodesOfUserKey(
  { config }: Pick<LimitDeps, "config">,
  userId: string,
): Promise<LimitedKey> {
  return await limitedKey("user-code-user", config.limits.signIn, userId);
}

async function browserKey(
  { config }: Pick<LimitDeps, "config">,
  browserDigest: string,
): Promise<LimitedKey> {
  return await limitedKey("user-code-browser", config.limits.signIn, browserDigest);
}
