import { bytesDigest } from "../../src/crypto/digest.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import { passkeyScript } from "../../src/ui/passkeys/script.ts";
import { simpleWebAuthnBrowser } from "../../src/ui/passkeys/simplewebauthn_browser.ts";
import type { Asset } from "../../src/branding/page_assets.ts";

const body = utf8(simpleWebAuthnBrowser + passkeyScript);

/** The script of pages with a passkey button: the library, and the code that uses it. */
export const passkeyAsset: Asset = {
  url: `/assets/passkeys.${(await bytesDigest(body)).slice(0, 16)}.js`,
  type: "text/javascript; charset=utf-8",
  body,
};
