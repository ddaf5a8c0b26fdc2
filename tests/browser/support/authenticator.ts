import type { CDPSession, Page } from "playwright-core";

export interface AuthenticatorOptions {
  /** Whether it can tell its owner from others (a fingerprint, a PIN); true unless told otherwise. */
  readonly canVerify?: boolean;
  /** Whether it finds that the owner is there when it looks; true unless told otherwise. */
  readonly verifies?: boolean;
  /** Whether it keeps passkeys by itself, so that no username is needed; true unless told otherwise. */
  readonly residentKeys?: boolean;
  /** Touches by itself what asks to be touched; true unless told otherwise. */
  readonly touches?: boolean;
  /** Whether its passkeys say that they are synced; false unless told otherwise. They count even so. */
  readonly synced?: boolean;
  readonly transport?: "internal" | "usb" | "nfc" | "ble" | "hybrid";
}

/** A passkey as the authenticator keeps it; bytes are base64. */
export interface StoredPasskey {
  readonly credentialId: string;
  readonly privateKey: string;
  readonly rpId?: string;
  readonly userHandle?: string;
  readonly userName?: string;
  readonly isResidentCredential: boolean;
  readonly signCount: number;
  readonly backupEligibility?: boolean;
  readonly backupState?: boolean;
}

/** A security key or phone that exists for one tab of a browser. */
export interface Authenticator {
  /** The passkeys that it keeps, as they are now. */
  passkeys(): Promise<readonly StoredPasskey[]>;
  /** Puts a passkey of another authenticator into this one: a clone, or a synced device. */
  add(passkey: StoredPasskey): Promise<void>;
  forget(passkey: StoredPasskey): Promise<void>;
  /** Sets a passkey's counter, as a clone's would stand. Its next signature says one more (0 after -1). */
  setSignCount(passkey: StoredPasskey, signCount: number): Promise<void>;
  /** Whether the next look finds the owner. */
  setVerifies(verifies: boolean): Promise<void>;
  /**
   * Whether it is touched by itself. A request for a passkey that begins while it is not stays open, as
   * autofill does until somebody chooses; touching later does not end it, but a new request can.
   */
  setTouches(touches: boolean): Promise<void>;
  /** Resolves when it has signed next, after what `doing` does. */
  signature(doing: () => Promise<unknown>): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Waits until a request that a page has just made is the authenticator's. Nothing tells it, and one that
 * arrives after `setTouches(true)` is signed at once.
 */
export function reachesAuthenticator(page: Page): Promise<void> {
  return page.waitForTimeout(300);
}

/** Gives a tab an authenticator, by Chromium's WebAuthn domain. Ask before the page asks for a passkey. */
export async function anAuthenticator(
  page: Page,
  options: AuthenticatorOptions = {},
): Promise<Authenticator> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: options.transport ?? "internal",
      hasResidentKey: options.residentKeys ?? true,
      hasUserVerification: options.canVerify ?? true,
      isUserVerified: options.verifies ?? true,
      automaticPresenceSimulation: options.touches ?? true,
      defaultBackupEligibility: options.synced ?? false,
      defaultBackupState: options.synced ?? false,
    },
  });
  const authenticator: Authenticator = {
    async passkeys() {
      return (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
    },
    async add(passkey) {
      await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: passkey });
    },
    async forget({ credentialId }) {
      await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
    },
    async setSignCount(passkey, signCount) {
      await authenticator.forget(passkey);
      await authenticator.add({ ...passkey, signCount });
    },
    async setVerifies(isUserVerified) {
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
    async setTouches(enabled) {
      await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
    },
    async signature(doing) {
      const { promise, resolve } = Promise.withResolvers<void>();
      cdp.once("WebAuthn.credentialAsserted", () => resolve());
      await doing();
      await promise;
    },
    async remove() {
      await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    },
  };
  return authenticator;
}
