import type { Passkey, UseOfPasskey } from "../../../stores/passkeys.ts";
import { fromBase64url, toBase64url } from "../../crypto/encoding.ts";
import type { Answer, AssertionJson, RegistrationJson } from "./credential_json.ts";
import { algorithms, type RelyingParty } from "./relying_party.ts";

/** What an authenticator has signed with a passkey. */
export interface VerifiedAssertion {
  /** To be compared with the one before, in the commit that keeps it. */
  readonly counter: number;
  readonly backedUp: boolean;
  /** `multiDevice` also where it was made as `singleDevice`: password managers raise it later. */
  readonly deviceType: Passkey["deviceType"];
  /** Whether the authenticator has made sure who uses it: by a finger, a face, a PIN. */
  readonly userVerified: boolean;
}

/**
 * Verifies the answer to a request to sign in against the public key of its credential.
 *
 * @returns null if the signature, the origin, the relying party or anything else is not right
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
      // With 0 the library lets every counter pass: it is compared where it is set, in our commit.
      credential: {
        id: passkey.credentialId,
        publicKey: fromBase64url(passkey.publicKey),
        counter: 0,
      },
      // Whether that is needed, and what to say when it is missing, is for the caller.
      requireUserVerification: false,
    })
  );
  if (verified === null || !verified.verified) return null;
  const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } =
    verified.authenticationInfo;
  // Whether it can be synced is settled when it is made (section 7.2). A passkey that could, and cannot
  // any more, is refused. One that can by now is taken, as KeePassXC and iCloud make such.
  if (passkey.deviceType === "multiDevice" && credentialDeviceType !== "multiDevice") return null;
  return {
    counter: newCounter,
    backedUp: credentialBackedUp,
    deviceType: credentialDeviceType,
    userVerified,
  };
}

/** A passkey as its registration proves it; whose it is, and what it is called, is not in it. */
export type VerifiedRegistration = Omit<Passkey, "userId" | "name" | UseOfPasskey>;

/**
 * Verifies the answer to a request to register.
 *
 * @returns null if the origin, the relying party, the key or anything else is not right
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
  // The id within what the authenticator wrote is the one that counts, and is capped like the other.
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
 * Nobody is asked for an attestation, and browsers leave it out; some authenticators vouch for
 * themselves all the same, with no certificate. To check one the library may fetch a list of revoked
 * ones from an address in it: whoever registers would send our server where they like.
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

/** The library throws whatever is wrong with an answer; which of it, is for nobody. */
async function orNull<T>(verify: () => T | Promise<T>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
