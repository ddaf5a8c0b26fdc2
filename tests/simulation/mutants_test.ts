import { assertEquals } from "@std/assert";
import { singleUseThings } from "../proofs/single_use.ts";
import { orderedCrypto } from "./crypto.ts";
import { anInstallation } from "./installation.ts";
import { mutants } from "./mutants.ts";
import { runSeed } from "./run.ts";
import { test } from "./test.ts";

/** Within so many seeds each mutant is found; most of them within ten. */
const enough = 500;

/**
 * The seeds that detect the mutants that few seeds do. They are run first, as a search from the first one
 * takes a minute in all; where one does so no longer, that search follows.
 */
const detecting: Readonly<Record<string, number>> = {
  "a step does not check the interaction that it finishes": 13,
  "a refused commit is always taken for a conflict": 9,
  "a commit that threw is done again, and not voided before": 49,
  "a result that was not delivered is not marked": 18,
  "a lease of requests is not stored": 32,
  "a step does not check the count of requests that it changes": 59,
  "an ID token in a redirect does not note the client of its session": 14,
  "a seal forgets that its pass is not complete": 61,
  "the leaves of a seal are not stored": 15,
  "a step does not check the device that it answers": 16,
  "a step does not check the passkey whose counter it compares": 65,
  "the counter of a passkey is not compared": 33,
  "the challenge of a new account's passkey is not spent": 21,
  "a sign-up link is not spent": 24,
  "a reset link is not spent": 25,
  "a use of an initial access token is not counted": 9,
  "the first token of a registration stays good": 9,
  "withdrawing access ends only the consent": 9,
};

const mail = "a link or a code by mail is not spent";
const proof = "a proof is not remembered";
const assertion = "a client's assertion is not remembered";

/** For each thing that is raced, a provider that lets it be used twice, or loses it. */
const mutantOf: Readonly<Record<string, string>> = {
  "authorization code": "an exchange leaves no tombstone of its code",
  "refresh token that rotates": "a step does not check the refresh token family that it rotates",
  "`request_uri` of a pushed request": "a pushed request is not spent",
  "device code": "a device code is not spent",
  "`auth_req_id`": "an auth_req_id is not spent",
  "DPoP proof at userinfo": proof,
  "DPoP proof at the token endpoint": proof,
  "client assertion": assertion,
  "token of a workload": assertion, // in the same records
  "request object with a jti": "a request object is not remembered",
  "signed request to a user who is elsewhere": "a request object is not remembered",
  "assertion of another server": "what another server says of a user is not remembered",
  "consent page (one grant, one code that works)":
    "a step does not check the interaction that it finishes",
  "consent page (tokens in the redirect)": "a page that gave tokens in a redirect is not used up",
  "interaction (resumed and exchanged at once)":
    "a step does not check the interaction that it finishes",
  "session token": "a session token is not spent",
  "passkey challenge": "the challenge of a passkey is not spent",
  "counter of a passkey": "the counter of a passkey is not compared",
  "passkey registration challenge": "the challenge of a user's new passkey is not spent",
  "magic link": mail,
  "magic link (used, and turned into a code, at once)": mail,
  "e-mail code": mail,
  "code of an authenticator app": "the step of an authenticator app is not remembered",
  "recovery code": "a used recovery code stays valid",
  "password reset link": "a reset link is not spent",
  "password reset link (with a passkey)": "a reset link is not spent",
  "sign-up link": "a sign-up link is not spent",
  "sign-up link (with a passkey)": "a sign-up link is not spent",
  "invitation": "an invitation is not spent",
  "invitation (with a passkey)": "an invitation is not spent",
  "address change link": "a link to a new address is not spent",
  "key of an authenticator app that is being set up":
    "the key of an authenticator app is not spent",
  "initial access token": "an initial access token is not spent",
  "initial access token with three uses": "a use of an initial access token is not counted",
  "end of a session (one message to its client)":
    "the message to a client is lost between two commits",
  "answer to a request (one message to its client)":
    "the message of an answer is lost between two commits",
};

Deno.test("each thing that is used once has a mutant, which the simulation must detect", () => {
  const known = mutants.map(({ name }) => name);
  const named = [...Object.values(mutantOf), ...Object.keys(detecting)];
  assertEquals(named.filter((name) => !known.includes(name)), []);
  const names = singleUseThings.map(({ name }) => name);
  assertEquals(Object.keys(mutantOf).toSorted(), names.toSorted());
});

Deno.test("the table of the proofs has each thing that is raced", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/proofs.md", import.meta.url));
  const [, section = ""] = text.split("\n## Used once\n");
  const [table = ""] = section.split("\n## ");
  const rows = [...table.matchAll(/^\| (.+?) +\|/gm)].map(([, name]) => name).slice(1);
  const plain = (name = "") => name.replaceAll("`", "");
  assertEquals(
    rows.map(plain).filter((name) => !name.startsWith("-")).toSorted(),
    singleUseThings.map(({ name }) => plain(name)).toSorted(),
  );
});

for (const { name, finding, sabotage } of mutants) {
  test(`the simulation detects a provider in which ${name}`, async () => {
    using crypto = orderedCrypto();
    const installation = await anInstallation();
    for (const seed of seedsFor(name)) {
      const { findings } = await runSeed(seed, { crypto, installation, sabotage });
      // A fault that makes requests fail would be noticed without any invariant.
      assertEquals(findings.filter((one) => one.includes("answered 500")), [], `seed ${seed}`);
      if (findings.some((one) => one.includes(finding))) return;
    }
    throw new Error(`"${finding}" was not found in ${enough} seeds`);
  });
}

function seedsFor(name: string): number[] {
  const all = Array.from({ length: enough }, (_, n) => n + 1);
  const first = detecting[name];
  return first === undefined ? all : [first, ...all];
}
