import { importJWK, SignJWT } from "jose";
import { toBase64url } from "../../src/crypto/encoding.ts";
import { redirectUriOf } from "../support/clients.ts";
import { clientEntryOf, credentialsOf, posted } from "./client.ts";
import { codeChallenge, issuer } from "./installation.ts";
import { type Party, unlessLost } from "./world.ts";

// One for all runs, since its thumbprint is part of keys in the store. @see RFC 8037 appendix A.1
const publicJwk = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
const privateJwk = { ...publicJwk, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" };

/** Pushes a request and lets somebody send the same proof again: one of them is taken. */
export async function pushWithOneProof(client: Party, thief: Party) {
  const { eventLog, scheduler } = client.world;
  const path = "/par";
  const jti = toBase64url(client.chance.random.bytes(16));
  const proof = await new SignJWT({ htm: "POST", htu: issuer + path, jti })
    .setProtectedHeader({ alg: "EdDSA", typ: "dpop+jwt", jwk: publicJwk })
    .setIssuedAt(scheduler.clock.seconds())
    .sign(await importJWK(privateJwk, "EdDSA"));
  const form = posted({
    response_type: "code",
    redirect_uri: redirectUriOf(clientEntryOf("shop")),
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...credentialsOf("shop"),
  });
  await Promise.all([push(client), push(thief), push(thief)]);

  async function push(party: Party) {
    await party.pause(30);
    const to = party.choose();
    const use = eventLog.present(`proof ${jti}`, to);
    const init = { ...form, headers: { dpop: proof } };
    const response = await unlessLost(() => party.send(path, init, to));
    if (response === null) return;
    const { error = null } = await response.json();
    eventLog.answer(use, { status: response.status, error, time: scheduler.clock.milliseconds() });
  }
}
