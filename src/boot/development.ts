import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as users from "../../stores/users.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { ownerOfName, usernameRef } from "../../stores/user_names.ts";
import { keptSecretOf } from "../clients/kept_secret.ts";
import { clientMetadataSchema, clientOf } from "../clients/metadata.ts";
import type { Deps } from "../deps/deps.ts";
import type { StandardClaims } from "../claims/claims.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import { clientChange } from "./changes.ts";
import { userChange } from "./user_change.ts";

export interface DevelopmentPerson {
  readonly username: string;
  readonly password: string;
}

/** The users for development. Their first passwords are not secret: the home page shows them. */
export const developmentPeople: readonly DevelopmentPerson[] = [
  { username: "alice", password: "green-door-41" },
  { username: "bob", password: "brass-key-17" },
];

/** A user of a development server, and how a developer can sign in as them. */
export interface ShownPerson {
  readonly username: string;
  /** The current password; "none" if there is none, "changed" if it is no longer the first one. */
  readonly password: { readonly kind: "known"; readonly text: string } | {
    readonly kind: "none" | "changed";
  };
}

/** The development users that still exist, each with the current password. */
export async function shownPeople(deps: Deps): Promise<readonly ShownPerson[]> {
  const shown: ShownPerson[] = [];
  // One after the other: nothing is left under way if one fails.
  for (const { username, password } of developmentPeople) {
    const hash = await deps.kv.step(systemOrigin, async (tx) => {
      const { name } = await tx.read({ name: usernameRef(username) });
      const userId = ownerOfName(name, username);
      const { user } = await tx.read({ user: userId === null ? null : users.ref(userId) });
      return user?.value ? { hash: user.value.passwordHash } : null;
    });
    if (hash === null) continue;
    if (hash.hash === null) {
      shown.push({ username, password: { kind: "none" } });
      continue;
    }
    const isIt = await deps.passwordHasher.verify(password, hash.hash);
    shown.push({
      username,
      password: isIt ? { kind: "known", text: password } : { kind: "changed" },
    });
  }
  return shown;
}

/** The client of the demo relying party at /dev/app. */
export const demoClientId = "demo";

/** The demo's client secret. It is not stored: both sides derive it. */
export function demoClientSecret(deps: Pick<Deps, "masterKey">): Promise<string> {
  return deps.masterKey.mac("demo_client_secret", demoClientId);
}

/** Creates the missing users and the client of a development server. */
export async function ensureDevelopment(deps: Deps): Promise<void> {
  for (const person of developmentPeople) await ensureUser(deps, person);
  await ensureDemoClient(deps);
}

async function ensureUser(deps: Deps, { username, password }: DevelopmentPerson) {
  const name = usernameRef(username);
  const known = await deps.kv.step(systemOrigin, (tx) => tx.read({ name }));
  if (known.name.value !== null) return;
  const create = await userChange(deps, {
    username,
    password,
    claims: claims[username] ?? {},
    custom_claims: {},
    groups: [],
  });
  await deps.kv.step(systemOrigin, async (tx) => {
    const found = await tx.read({ name });
    if (found.name.value === null) await create(tx, false);
  });
}

/** Its URIs follow the issuer, which changes if the usual port is taken. */
async function ensureDemoClient(deps: Deps) {
  const { issuer } = deps.config;
  const metadata = clientMetadataSchema.parse({
    client_id: demoClientId,
    client_secret: await demoClientSecret(deps),
    client_name: "Demo app",
    client_uri: `${issuer}/dev/app`,
    redirect_uris: [`${issuer}/dev/app/callback`],
    post_logout_redirect_uris: [`${issuer}/dev/app`],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_basic",
    scope: "openid profile email address phone offline_access",
    require_pkce: true,
  });
  const kept = await keptSecretOf(deps.masterKey, metadata);
  const change = await clientChange(deps, metadata);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref(demoClientId) });
    const wanted = clientOf(metadata, kept, tx.now);
    if (client.value === null || !isSame(client.value, wanted)) await change(tx, false);
  });
}

function isSame(a: Client, b: Client): boolean {
  const timeless = { createdAt: 0, updatedAt: 0 };
  return canonicalJson({ ...a, ...timeless }) === canonicalJson({ ...b, ...timeless });
}

const claims: Readonly<Record<string, StandardClaims>> = {
  alice: {
    name: "Alice Adams",
    given_name: "Alice",
    family_name: "Adams",
    middle_name: "Maria",
    nickname: "Al",
    profile: "https://example.com/people/alice",
    picture: "https://example.com/people/alice.png",
    website: "https://alice.example.com",
    email: "alice@example.com",
    email_verified: true,
    gender: "female",
    birthdate: "1985-04-12",
    zoneinfo: "Europe/London",
    locale: "en-GB",
    phone_number: "+44 20 7946 0123",
    phone_number_verified: true,
    address: {
      formatted: "12 Harbour Street\nBristol BS1 4ND\nUnited Kingdom",
      street_address: "12 Harbour Street",
      locality: "Bristol",
      region: "England",
      postal_code: "BS1 4ND",
      country: "United Kingdom",
    },
  },
  bob: {
    name: "Bob Baumann",
    given_name: "Bob",
    family_name: "Baumann",
    middle_name: "Emil",
    nickname: "Bobby",
    profile: "https://example.com/people/bob",
    picture: "https://example.com/people/bob.png",
    website: "https://bob.example.com",
    email: "bob@example.com",
    email_verified: false,
    gender: "male",
    birthdate: "1979-11-03",
    zoneinfo: "Europe/Berlin",
    locale: "de-DE",
    phone_number: "+49 30 23125 014",
    phone_number_verified: false,
    address: {
      formatted: "Lindenweg 7\n10115 Berlin\nGermany",
      street_address: "Lindenweg 7",
      locality: "Berlin",
      region: "Berlin",
      postal_code: "10115",
      country: "Germany",
    },
  },
};
