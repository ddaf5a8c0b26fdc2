import type { JSX } from "hono/jsx/jsx-runtime";
import { PasskeyPage } from "../../src/ui/account/passkey_page.tsx";
import { PasskeysPage, type ShownPasskey } from "../../src/ui/account/passkeys_page.tsx";
import type { Frame } from "../../src/ui/layout.tsx";
import { LoginPage } from "../../src/ui/login_page.tsx";
import { PasskeyStepPage } from "../../src/ui/passkeys/step_page.tsx";

const user = { name: "Mara Lindqvist" };
const scriptUrl = "/assets/passkeys.0.js";
const list = "/account/security/passkeys";

const phone: ShownPasskey = {
  id: "A".repeat(43),
  name: "Google Password Manager",
  deviceType: "multiDevice",
  createdAt: 1_777_800_000,
  lastUsedAt: 1_795_000_000,
  copySuspectedAt: null,
  isLastWayIn: false,
};
const key: ShownPasskey = {
  ...phone,
  id: "B".repeat(43),
  name: "YubiKey 5",
  deviceType: "singleDevice",
  lastUsedAt: null,
  copySuspectedAt: 1_795_000_000,
};
const many = Array.from(
  { length: 20 },
  (_, n) => ({ ...key, id: `${n}`.padEnd(43, "C"), name: "W".repeat(64) }),
);

/** The pages with passkeys on them; those whose names begin with `scripted_` have the script. */
export function passkeySamples(withoutNonce: Frame): Record<string, JSX.Element> {
  const frame = { ...withoutNonce, nonce: "nonce-1" };
  const login = {
    frame,
    action: "/login",
    interactionId: "interaction-1",
    formToken: "token-1",
    clientName: "Harbour Books",
    passkeyScriptUrl: scriptUrl,
  };
  const step = {
    frame,
    scriptUrl,
    action: "/login/passkey",
    optionsUrl: "/login/passkey/options",
    fields: { interaction: "interaction-1", form_token: "token-1" },
    clientName: "Harbour Books",
    user,
    recoveryCodeUrl: null,
    passkeysUrl: "/account/security/passkeys",
  };
  const passkeys = {
    frame,
    scriptUrl,
    action: list,
    optionsUrl: `${list}/options`,
    fields: { form_token: "token-1" },
    user,
    passkeys: [phone, key],
    full: false,
    recoveryCodesUrl: null,
    notice: null,
  };
  const one = { frame, user, passkey: phone, listUrl: list, formToken: "token-1" };
  return {
    scripted_login: <LoginPage {...login} />,
    scripted_login_refused: <LoginPage {...login} error="passkey_refused" />,
    scripted_login_continue: <LoginPage {...login} currentUser={{ ...user, userId: "user-1" }} />,
    scripted_passkey_step: <PasskeyStepPage {...step} />,
    scripted_passkey_step_refused: (
      <PasskeyStepPage
        {...step}
        clientName={null}
        error="passkey_unverified"
        recoveryCodeUrl="/login/second-factor?interaction=interaction-1"
      />
    ),
    scripted_passkeys: (
      <PasskeysPage {...passkeys} recoveryCodesUrl="/account/security/recovery-codes" />
    ),
    scripted_passkeys_none: <PasskeysPage {...passkeys} passkeys={[]} error="expired" />,
    scripted_passkeys_removed: <PasskeysPage {...passkeys} notice="signed_out" />,
    passkeys_full: <PasskeysPage {...passkeys} passkeys={many} full error="full" />,
    passkey: <PasskeyPage {...one} />,
    passkey_name: <PasskeyPage {...one} typedName="" error="name" />,
    passkey_last: (
      <PasskeyPage {...one} passkey={{ ...key, isLastWayIn: true }} error="last_way_in" />
    ),
  };
}
