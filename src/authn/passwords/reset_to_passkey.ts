import * as auditEvents from "../../../stores/audit_events.ts";
import type { Deps } from "../../deps/deps.ts";
import { notifyUser } from "../../mail/notify.ts";
import type { Device } from "../../sessions/device.ts";
import { provenBy } from "../challenges.ts";
import { guessedName } from "../passkeys/name.ts";
import {
  addPasskey,
  openRegistration,
  parseRegistrationAnswer,
  registrationRefs,
  type RegistrationRefused,
} from "../passkeys/registration.ts";
import { type CreationOptions, optionsForUser } from "../passkeys/registration_options.ts";
import { mayUsePasskey, readReset, type ResetRequest, startAnew } from "./reset_link.ts";

/**
 * The options for a passkey that replaces a forgotten password. The link is not spent.
 *
 * @returns null if the link is not valid, or not for a passkey
 */
export async function resetPasskeyOptions(
  deps: Deps,
  { origin, token, browserDigest }: Omit<ResetRequest, "language"> & {
    readonly browserDigest: string;
  },
): Promise<CreationOptions | null> {
  return await deps.kv.step(origin, async (tx) => {
    const open = await readReset(tx, token);
    if (open === null || !mayUsePasskey(open.user.value)) return null;
    const { user, provider } = open;
    return await optionsForUser(deps, tx, {
      user,
      provider,
      browserDigest,
      provenBy: provenBy(open.challenge),
    });
  });
}

export type PasskeyResetOutcome =
  /** @property device the mark by which the browser is known from now on */
  | { readonly kind: "added"; readonly device: Device }
  | { readonly kind: "dead" }
  | RegistrationRefused;

/**
 * Adds a passkey that replaces the user's password. One commit spends the token and the challenge, and
 * raises both epochs, as a new password does.
 */
export async function resetToPasskey(
  deps: Deps,
  { origin, token, language, credential, browserDigest, userAgent }: ResetRequest & {
    /** In JSON, as the page's script posts it. */
    readonly credential: string;
    readonly browserDigest: string;
    readonly userAgent: string | null;
  },
): Promise<PasskeyResetOutcome> {
  const answer = parseRegistrationAnswer("passkey_registration", credential);
  const outcome = await deps.kv.step<PasskeyResetOutcome>(origin, async (tx) => {
    const reset = await readReset(tx, token);
    if (reset === null || !mayUsePasskey(reset.user.value)) return { kind: "dead" };
    if (answer === null) return { kind: "invalid" };
    const { user, provider } = reset;
    const first = await tx.read(await registrationRefs(answer));
    const asked = { user, provider, browserDigest, provenBy: provenBy(reset.challenge) };
    const open = await openRegistration(deps, answer, first, asked);
    if (open.kind !== "open") return open;
    const name = await guessedName(open.verified.aaguid, userAgent);
    const passkeyId = await addPasskey(tx, open, name);
    const device = startAnew(tx, reset, {
      passwordHash: null,
      passkeys: [...user.value.passkeys, passkeyId],
    });
    const by = { user, reason: "password_reset" };
    auditEvents.append(tx, { type: "passkey_added", ...by, about: passkeyId });
    await notifyUser(deps, tx, { user, reason: "passkey_added", about: name, language });
    if (user.value.passwordHash !== null) {
      auditEvents.append(tx, { type: "password_removed", ...by });
      await notifyUser(deps, tx, { user, reason: "password_removed", language });
    }
    return { kind: "added", device };
  });
  if (outcome.kind === "added") deps.mailWakeUp.wake();
  return outcome;
}
