import type { Config } from "../../src/config/config.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";
import { readConfig } from "../../src/config/read_config.ts";

export const issuer = "https://op.example";

/** The master key of every store in these tests, unless a test changes it. */
export const testMasterKey = new Uint8Array(32).fill(7);

/** The defaults of a production server, but with the rate limits off. */
export const defaultConfig: Config = {
  ...readConfig({
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_MASTER_KEY: toBase64url(testMasterKey),
    LATCHKEY_KV: ":memory:",
    LATCHKEY_BOOTSTRAP: "bootstrap.json",
  }, () => ""),
  rateLimits: false,
  // Like the next release. Tests of the current default set it.
  unregisteredResources: "refuse",
};
