import { newDeps, type Surroundings } from "../../src/boot/new_deps.ts";
import type { KvMutation } from "../../stores/engine/kv.ts";
import * as providers from "../../stores/provider.ts";
import * as signingKeys from "../../stores/signing_keys.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import type { PasswordHasher } from "../../src/deps/password_hasher.ts";
import { newPasswordProblem } from "../../src/authn/passwords/new_password.ts";
import { unbranded } from "../support/brand.ts";
import { adminScope } from "../../src/clients/admin_resource.ts";
import { ensureAdminResource } from "../../src/boot/admin_resource.ts";
import { applyEntries } from "../../src/boot/apply_entries.ts";
import { parseBootstrapFile } from "../../src/boot/file.ts";
import { type MasterKey, masterKey } from "../../src/crypto/master_key.ts";
import type { TrustedIssuer } from "../../src/config/trusted_issuers.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Transport } from "../../src/deps/transport.ts";
import { newSigningKey } from "../../src/keys/key_pair.ts";
import type { SoftCredential } from "../support/authenticator.ts";
import { testClock } from "../support/clock.ts";
import { aClient, aKeyClient, aPublicClient, type ClientEntry } from "../support/clients.ts";
import { aCallCentre } from "../support/backchannel.ts";
import { aPingedClient } from "../support/ping_receiver.ts";
import { aTelevision } from "../support/devices.ts";
import { defaultConfig, issuer } from "../support/config.ts";
import { memoryKv } from "../support/memory_kv.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { jwtBearer, tokenExchange } from "../../stores/grant_types.ts";
import { responseTypes } from "../../stores/response_types.ts";
import { randomOf } from "./chance.ts";
import { people } from "./people.ts";
import { givePasskey, giveSecondFactors, passkeyKeys } from "./possessions.ts";

export { issuer };
/** Epoch seconds at which every run begins. */
export const beginning = 1_780_000_000;

/** The pair of every request. @see RFC 7636 appendix B */
export const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

// One for all runs, since its thumbprint is part of keys in the store. @see RFC 8037 appendix A.1
export const publicJwk = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};

// Ed25519 signs quickly, and the same text always in the same way.
const members = { id_token_signed_response_alg: "EdDSA" };
export const clientEntries: readonly [ClientEntry, ...ClientEntry[]] = [
  aClient("shop", {
    ...members,
    grant_types: ["authorization_code", "refresh_token", "implicit", tokenExchange],
    response_types: responseTypes,
    backchannel_logout_uri: "https://shop.example/backchannel",
  }),
  aClient("desk", {
    ...members,
    grant_types: ["authorization_code", "refresh_token", jwtBearer, tokenExchange],
    backchannel_logout_uri: "https://desk.example/backchannel",
    refresh_token_grace_period: 20,
    jwks: { keys: [{ ...publicJwk, kid: "signer" }] },
  }),
  aPublicClient("phone", {
    ...members,
    frontchannel_logout_uri: "https://phone.example/frontchannel",
  }),
];

/** A permission with fields at an API, which the television asks for now and then. */
export const errand = {
  type: "errand",
  locations: ["https://errands.example"],
  actions: ["fetch", "bring"],
};

/** A client on a device without a browser. */
export const television = aTelevision("tv", {
  ...members,
  scope: "openid offline_access",
  authorization_details_types: [errand.type],
});

/** A client that asks users who are elsewhere, and is told of their answers. */
export const callCentre = aPingedClient("bank", {
  ...members,
  scope: "openid offline_access",
});

/** One that signs its requests with the same key. */
export const teller = aCallCentre("teller", {
  backchannel_authentication_request_signing_alg: "EdDSA",
  jwks: { keys: [{ ...publicJwk, kid: "signer" }] },
});

/** A client that signs with the same key to say who it is. */
export const signer = aKeyClient("signer", {
  id_token_signed_response_alg: "EdDSA",
  jwks: { keys: [{ ...publicJwk, kid: "signer" }] },
});

/** Another server, which signs with the same key too. */
export const trusted: TrustedIssuer = {
  issuer: "https://idp.example",
  jwks: { keys: [{ kty: "OKP", crv: publicJwk.crv, x: publicJwk.x, kid: "signer" }] },
  jwksUri: null,
  clients: ["desk"],
  assertions: ["id-jag"],
  users: new Map(),
  usernameClaim: "sub",
  emailDomains: null,
};

/** Invites people by itself. */
export const ops = aClient("ops", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ["client_credentials"],
  scope: adminScope,
});

/** The common start of all runs: the records of an installed server, and its secret. */
export interface Installation {
  readonly records: readonly KvMutation[];
  readonly masterKey: MasterKey;
  /** The key pair of all passkeys. */
  readonly keys: CryptoKeyPair;
  /** The passkey in Dora's authenticator when a run begins. */
  readonly passkey: SoftCredential;
}

/** Sets a server up, once for all runs: making keys takes longer than a run. */
export async function anInstallation(): Promise<Installation> {
  const clock = testClock(beginning - 86_400);
  const random = randomOf(0, "installation");
  const store = memoryKv({ clock });
  const sealing = await masterKey(new Uint8Array(32).fill(7), null, random);
  const surroundings = { clock, timers: clock.timers, random, masterKey: sealing };
  const deps = depsOf({ backend: store, ...surroundings });
  const { kv } = deps;

  const now = clock.seconds();
  const key = { ...await newSigningKey(deps, "EdDSA", now), activatedAt: now };
  await kv.step(systemOrigin, (tx) => {
    signingKeys.add(tx, key);
    const activeKeys = { RS256: "none", ES256: "none", EdDSA: key.kid };
    providers.create(tx, {
      epoch: 1,
      restoredAt: null,
      activeKeys,
      masterKeyProof: "",
      customClaims: [],
      authorizationDetailTypes: [],
      trustedIssuers: [],
      workloadIssuers: [],
      createdAt: now,
    });
  });
  const file = {
    clients: [...clientEntries, television, callCentre, teller, ops, signer],
    users: people,
    authorization_detail_types: [{
      type: errand.type,
      resources: errand.locations,
      text: { en: "Do an errand" },
      fields: [{ field: "actions", kind: "strings", required: true }],
    }],
    resources: errand.locations.map((resource) => ({ resource, clients: ["tv"] })),
  };
  await applyEntries(deps, parseBootstrapFile("the simulation", JSON.stringify(file)));
  await ensureAdminResource(deps);

  await giveSecondFactors(kv, sealing);
  const keys = await passkeyKeys();
  const passkey = await givePasskey(kv, keys);

  // Derived or loaded at their first use, which would make the first run another than its repetition.
  const macPurposes = [
    "carried_out_form",
    "form_token",
    "refresh_token",
    "challenge_code",
    "code_of_link",
    "mail_address",
    "address_before_change",
  ];
  for (const purpose of macPurposes) await sealing.mac(purpose, "");
  await loadAll();

  const { entries } = await store.list({ prefix: [] }, { limit: 500 });
  const records = entries.map(({ key, value }): KvMutation => ({ type: "set", key, value }));
  return { records, masterKey: sealing, keys, passkey };
}

/**
 * Loads what the sources import later. The scheduler cannot see that a file is being loaded: it would let
 * time pass meanwhile, or end the run before the answer.
 */
async function loadAll() {
  const list = await Deno.readTextFile(new URL("../../all_sources.ts", import.meta.url));
  const files = [...list.matchAll(/^import "\.(\/(?:routes|src|stores)\/[^"]+)";$/gm)];
  if (files.length < 50) throw new Error("the list of the files was not read");
  await Promise.all([
    ...files.map(([, file]) => import(`../..${file}`)),
    import("@simplewebauthn/server"),
    import("@simplewebauthn/server/helpers"),
    import("bowser"),
    import("otpauth"),
    import("uqr"),
    newPasswordProblem("none of the common ones"),
  ]);
}

/** The surroundings of one process. */
export function depsOf(
  given:
    & Pick<Surroundings, "backend" | "clock" | "timers" | "random" | "masterKey" | "observer">
    & { readonly rateLimits?: boolean; readonly transport?: Transport },
): Deps {
  const { rateLimits = false, ...surroundings } = given;
  const deps = newDeps({
    ...surroundings,
    config: {
      ...defaultConfig,
      signUp: "open",
      registration: "token",
      implicit: true,
      rateLimits,
      trustedIssuers: [trusted],
    },
    passwordHasher: plainHasher,
    brand: unbranded,
    mailer: { send: () => Promise.resolve() },
    logger: silentLogger,
  });
  // Not awaited: a run delivers its mails itself.
  return { ...deps, mailWakeUp: { wake() {}, wait: () => new Promise(() => {}) } };
}

/** Nothing is proved about argon2 here, and it would be nine tenths of the work. */
const plainHasher: PasswordHasher = {
  hash: (password) => Promise.resolve(`plain ${password}`),
  verify: (password, encoded) => Promise.resolve(encoded === `plain ${password}`),
  verifyDecoy: () => Promise.resolve(false),
  needsRehash: () => false,
};
