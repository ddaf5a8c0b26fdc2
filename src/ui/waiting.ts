import type { Frame } from "./layout.tsx";

// The user may have signed in in another tab. The page then redirects, and this tab continues. Without
// a script, a reload has the same effect.
const goOnWhenSignedIn = `{
const look = async () => {
if (document.visibilityState !== "visible") return;
const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
if (answer?.type === "opaqueredirect") location.reload();
};
addEventListener("visibilitychange", look);
addEventListener("focus", look);
addEventListener("pageshow", (event) => event.persisted && look());
}`;

/**
 * The script of a page that waits for a sign-in, as props of its layout. The page's own GET redirects once
 * the sign-in is there.
 *
 * @param isWaiting false: the page shows the answer to its form, or no request waits
 */
export function waitingScript(
  { nonce }: Pick<Frame, "nonce">,
  isWaiting: boolean,
): { readonly script?: string } {
  return nonce !== undefined && isWaiting ? { script: goOnWhenSignedIn } : {};
}
