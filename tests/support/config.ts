import type { Config } from "../../src/config/config.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import { readConfig } from "../../src/config/read_config.ts";

export const issuer = "https://op.example";

/** Of every store in these tests, unless they change it. */
export const testMasterKey = new Uint8Array(32).fill(7);

/** What a production server has unless its operator says otherwise; only, the limits do not hold. */
export const defaultConfig: Config = {
  ...readConfig({
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_MASTER_KEY: toBase64url(testMasterKey),
    LATCHKEY_KV: ":memory:",
    LATCHKEY_BOOTSTRAP: "bootstrap.json",
  }, () => ""),
  rateLimits: false,
  // As in the release after this one; a test of what still works for those who have said nothing sets it.
  unregisteredResources: "refuse",
};
