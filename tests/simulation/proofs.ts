import { importJWK, SignJWT } from "jose";
import { toBase64url } from "../../src/crypto/encoding.ts";
import { jwtBearer } from "../../stores/grant_types.ts";
import { type ClientEntry, redirectUriOf } from "../support/clients.ts";
import { clientEntryOf, credentialsOf, posted } from "./client.ts";
import { codeChallenge, issuer, publicJwk, signer, teller, trusted } from "./installation.ts";
import { gwen } from "./people.ts";
import { type Party, unlessLost } from "./world.ts";

const privateJwk = { ...publicJwk, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" };

const path = "/par";

/** Pushes a request and lets somebody send the same proof again: one of them is taken. */
export async function pushWithOneProof(client: Party, thief: Party) {
  const jti = toBase64url(client.chance.random.bytes(16));
  const proof = await new SignJWT({ htm: "POST", htu: issuer + path, jti })
    .setProtectedHeader({ alg: "EdDSA", typ: "dpop+jwt", jwk: publicJwk })
    .setIssuedAt(client.world.scheduler.clock.seconds())
    .sign(await importJWK(privateJwk, "EdDSA"));
  const init = {
    ...requestOf(clientEntryOf("shop"), credentialsOf("shop")),
    headers: { dpop: proof },
  };
  await pushThrice(client, thief, { name: `proof ${jti}`, init });
}

/** Does the same with the assertion by which a client says who it is. */
export async function pushWithOneAssertion(client: Party, thief: Party) {
  const jti = toBase64url(client.chance.random.bytes(16));
  const { client_id } = signer;
  const now = client.world.scheduler.clock.seconds();
  const client_assertion = await new SignJWT({ jti })
    .setIssuer(client_id).setSubject(client_id).setAudience(issuer).setExpirationTime(now + 60)
    .setProtectedHeader({ alg: "EdDSA", kid: "signer" })
    .sign(await importJWK(privateJwk, "EdDSA"));
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const init = requestOf(signer, { client_assertion, client_assertion_type });
  await pushThrice(client, thief, { name: `assertion ${jti}`, init });
}

/** Does the same with the object in which a client has signed its request. */
export async function pushWithOneObject(client: Party, thief: Party) {
  const jti = toBase64url(client.chance.random.bytes(16));
  const { client_id } = desk;
  const now = client.world.scheduler.clock.seconds();
  const request = await new SignJWT({
    ...authorizationOf(desk),
    client_id,
    jti,
  })
    .setIssuer(client_id).setAudience(issuer).setExpirationTime(now + 60)
    .setProtectedHeader({ alg: "EdDSA", kid: "signer", typ: "oauth-authz-req+jwt" })
    .sign(await importJWK(privateJwk, "EdDSA"));
  const init = posted({ request, ...credentialsOf("desk") });
  await pushThrice(client, thief, { name: `request_object ${jti}`, init });
}

/** Asks a user who is elsewhere by one signed request, and lets somebody send it again. */
export async function askWithOneObject(client: Party, thief: Party) {
  const jti = toBase64url(client.chance.random.bytes(16));
  const { client_id } = teller;
  const now = client.world.scheduler.clock.seconds();
  const inside = { scope: "openid", login_hint: gwen.username, jti };
  const request = await new SignJWT(inside)
    .setIssuer(client_id).setAudience(issuer)
    .setIssuedAt(now).setNotBefore(now).setExpirationTime(now + 60)
    .setProtectedHeader({ alg: "EdDSA", kid: "signer" })
    .sign(await importJWK(privateJwk, "EdDSA"));
  const init = posted({ request, ...credentialsOf(client_id) });
  const path = "/backchannel_authentication";
  await pushThrice(client, thief, { name: `request_object ${jti}`, init, path });
}

/** Does the same with what another server says of a user: one of them gets a token. */
export async function tradeOneAssertion(client: Party, thief: Party, username: string) {
  const jti = toBase64url(client.chance.random.bytes(16));
  const now = client.world.scheduler.clock.seconds();
  const assertion = await new SignJWT({ jti, client_id: "desk", scope: "openid" })
    .setIssuer(trusted.issuer).setSubject(username).setAudience(issuer)
    .setIssuedAt(now).setExpirationTime(now + 60)
    .setProtectedHeader({ alg: "EdDSA", kid: "signer", typ: "oauth-id-jag+jwt" })
    .sign(await importJWK(privateJwk, "EdDSA"));
  const init = posted({ grant_type: jwtBearer, assertion, ...credentialsOf("desk") });
  await pushThrice(client, thief, { name: `assertion of ${jti}`, init, path: "/token" });
}

const desk = clientEntryOf("desk");

function requestOf(client: ClientEntry, credentials: Readonly<Record<string, string>>) {
  return posted({ ...authorizationOf(client), ...credentials });
}

function authorizationOf(client: ClientEntry) {
  return {
    response_type: "code",
    redirect_uri: redirectUriOf(client),
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
  };
}

async function pushThrice(
  client: Party,
  thief: Party,
  { name, init, path = "/par" }: {
    readonly name: string;
    readonly init: RequestInit;
    readonly path?: string;
  },
) {
  const { eventLog, scheduler } = client.world;
  await Promise.all([push(client), push(thief), push(thief)]);

  async function push(party: Party) {
    await party.pause(30);
    const to = party.choose();
    const use = eventLog.present(name, to);
    const response = await unlessLost(() => party.send(path, init, to));
    if (response === null) return;
    const { error = null } = await response.json();
    eventLog.answer(use, { status: response.status, error, time: scheduler.clock.milliseconds() });
  }
}
