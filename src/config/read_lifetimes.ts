import type { Lifetimes } from "./config.ts";
import { ConfigError } from "./config_error.ts";
import type { Environment } from "./environment.ts";

/** Reads the lifetimes. @throws {ConfigError} if an idle time exceeds its maximum */
export function readLifetimes(values: Environment): Lifetimes {
  return {
    code: values.LATCHKEY_LIFETIME_CODE,
    requestUri: values.LATCHKEY_LIFETIME_REQUEST_URI,
    deviceCode: values.LATCHKEY_LIFETIME_DEVICE_CODE,
    backchannelRequest: values.LATCHKEY_LIFETIME_BACKCHANNEL_REQUEST,
    accessToken: values.LATCHKEY_LIFETIME_ACCESS_TOKEN,
    idToken: values.LATCHKEY_LIFETIME_ID_TOKEN,
    refreshTokenIdle: idle(values, "REFRESH_TOKEN", 30 * day),
    refreshTokenMax: values.LATCHKEY_LIFETIME_REFRESH_TOKEN_MAX,
    sessionIdle: idle(values, "SESSION", day),
    sessionMax: values.LATCHKEY_LIFETIME_SESSION_MAX,
    interaction: values.LATCHKEY_LIFETIME_INTERACTION,
    invitation: values.LATCHKEY_LIFETIME_INVITATION,
    signingKey: values.LATCHKEY_LIFETIME_SIGNING_KEY,
    auditEvent: values.LATCHKEY_LIFETIME_AUDIT_EVENT,
    auditEventOfKind: {
      signIns: values.LATCHKEY_LIFETIME_AUDIT_SIGN_INS,
      tokens: values.LATCHKEY_LIFETIME_AUDIT_TOKENS,
      administration: values.LATCHKEY_LIFETIME_AUDIT_ADMINISTRATION,
    },
  };
}

const day = 24 * 60 * 60;

function idle(values: Environment, what: "REFRESH_TOKEN" | "SESSION", usual: number): number {
  const most = values[`LATCHKEY_LIFETIME_${what}_MAX`];
  // A maximum below the default idle time is allowed: the operator need not set both.
  const chosen = values[`LATCHKEY_LIFETIME_${what}_IDLE`] ?? Math.min(usual, most);
  if (chosen <= most) return chosen;
  throw new ConfigError(
    `LATCHKEY_LIFETIME_${what}_IDLE`,
    `must not exceed LATCHKEY_LIFETIME_${what}_MAX, which is ${most}: lower it or raise the other`,
  );
}
