import type { Passkey, UseOfPasskey } from "../../../stores/passkeys.ts";
import { fromBase64url, toBase64url } from "../../crypto/encoding.ts";
import type { Answer, AssertionJson, RegistrationJson } from "./credential_json.ts";
import { algorithms, type RelyingParty } from "./relying_party.ts";

/** The signed facts of an answer. */
export interface VerifiedAssertion {
  /** It must be compared with the stored counter, in the commit that stores it. */
  readonly counter: number;
  readonly backedUp: boolean;
  /**
   * It can be `multiDevice` although it was created as `singleDevice`: password managers change it
   * later.
   */
  readonly deviceType: Passkey["deviceType"];
  /** Whether the authenticator has verified the user, by a fingerprint, face or PIN. */
  readonly userVerified: boolean;
}

/**
 * Verifies the answer to a sign-in ceremony against the public key of its credential.
 *
 * @returns null if the signature, the origin, the relying party or anything else is wrong
 * @see Web Authentication Level 3 section 7.2
 */
export async function verifyAssertion(
  relyingParty: RelyingParty,
  { json, challenge }: Answer<AssertionJson>,
  passkey: Pick<Passkey, "credentialId" | "publicKey" | "deviceType">,
): Promise<VerifiedAssertion | null> {
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const { userHandle, ...response } = json.response;
  const verified = await orNull(() =>
    verifyAuthenticationResponse({
      response: {
        ...json,
        response: { ...response, ...(userHandle ? { userHandle } : {}) },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      // With 0 the library accepts every counter. Our commit compares it when it stores it.
      credential: {
        id: passkey.credentialId,
        publicKey: fromBase64url(passkey.publicKey),
        counter: 0,
      },
      // The caller decides whether it is needed, and what to say if it is missing.
      requireUserVerification: false,
    })
  );
  if (verified === null || !verified.verified) return null;
  const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } =
    verified.authenticationInfo;
  // Whether it can be synced is fixed when it is created (section 7.2). A passkey that could be synced
  // and now cannot is refused. The other direction is accepted, because KeePassXC and iCloud do it.
  if (passkey.deviceType === "multiDevice" && credentialDeviceType !== "multiDevice") return null;
  return {
    counter: newCounter,
    backedUp: credentialBackedUp,
    deviceType: credentialDeviceType,
    userVerified,
  };
}

/** The facts of a passkey that its registration proves, without its owner and its name. */
export type VerifiedRegistration = Omit<Passkey, "userId" | "name" | UseOfPasskey>;

/**
 * Verifies the answer to a registration ceremony.
 *
 * @returns null if the origin, the relying party, the key or anything else is wrong
 * @see Web Authentication Level 3 section 7.1
 */
export async function verifyRegistration(
  relyingParty: RelyingParty,
  { json, challenge }: Answer<RegistrationJson>,
): Promise<VerifiedRegistration | null> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  if (!await hasNoCertificates(json.response.attestationObject)) return null;
  const verified = await orNull(() =>
    verifyRegistrationResponse({
      response: { ...json, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      supportedAlgorithmIDs: algorithms,
      requireUserVerification: false,
    })
  );
  if (verified === null || !verified.verified) return null;
  const { credential, aaguid, credentialDeviceType, credentialBackedUp } =
    verified.registrationInfo;
  // The id in the authenticator's data counts. It has the same maximum length.
  if (credential.id !== json.id) return null;
  return {
    credentialId: credential.id,
    publicKey: toBase64url(credential.publicKey),
    counter: credential.counter,
    transports: json.response.transports,
    deviceType: credentialDeviceType,
    backedUp: credentialBackedUp,
    aaguid,
  };
}

/**
 * This server asks for no attestation, and browsers leave it out. Some authenticators still send a self
 * attestation, without a certificate. To check a certificate, the library may fetch a revocation list
 * from a URL in it, so a registration could make this server send requests to any URL.
 */
async function hasNoCertificates(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const decoded = await orNull(() => {
    const attestation = decodeAttestationObject(fromBase64url(attestationObject));
    const format = attestation.get("fmt");
    return format === "none" ||
      (format === "packed" && attestation.get("attStmt").get("x5c") === undefined);
  });
  return decoded ?? false;
}

/** The library throws for every invalid answer. The reason is not reported to anybody. */
async function orNull<T>(verify: () => T | Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
