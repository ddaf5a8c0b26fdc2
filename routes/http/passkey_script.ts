import { type Asset, asset } from "../../src/branding/page_assets.ts";
import { utf8 } from "../../src/crypto/encoding.ts";
import { passkeyScript } from "../../src/ui/passkeys/script.ts";
import { simpleWebAuthnBrowser } from "../../src/ui/passkeys/simplewebauthn_browser.ts";

/** The script of pages with a passkey button: the library, and the code that uses it. */
export const passkeyAsset: Asset = asset(
  "passkeys",
  "js",
  "text/javascript; charset=utf-8",
  utf8(simpleWebAuthnBrowser + passkeyScript),
);
