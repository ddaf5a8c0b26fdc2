import { assert, assertEquals } from "@std/assert";
import * as providers from "../../stores/provider.ts";
import { systemOrigin } from "../../stores/transaction.ts";
import * as users from "../../stores/users.ts";
import { newUser } from "../../src/authn/new_account.ts";
import {
  addPasskey,
  type CreationOptions,
  openRegistration,
  optionsForNewcomer,
  optionsForPerson,
  parseRegistrationAnswer,
  type RegistrationAnswer,
  registrationRefs,
} from "../../src/authn/passkeys/registration.ts";
import { assertProvider } from "../../src/oidc/provider_record.ts";
import { anAuthenticator } from "../support/authenticator.ts";
import { outcomeOf } from "../support/authorization.ts";
import { signInWithPasskey } from "../support/passkeys.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { snapshot } from "../support/records.ts";
import { passkeysOf } from "./records.ts";

const browserDigest = "the browser";
const provenBy = "sign_up:1";

/** A page of somebody who has proved something, and has no account yet. */
function newcomerOptions(provider: TestProvider): Promise<CreationOptions> {
  const { deps } = provider;
  return deps.kv.step(systemOrigin, async (tx) => {
    const { record } = await tx.read({ record: providers.ref() });
    return await optionsForNewcomer(deps, tx, {
      provider: assertProvider(record),
      browserDigest,
      provenBy,
      username: "carol",
      displayName: "Carol",
    });
  });
}

/** The step that makes the account. @returns the id of the person, or why there is none */
function signUp(
  { deps }: TestProvider,
  answer: RegistrationAnswer | null,
  presented: { browserDigest?: string; provenBy?: string } = {},
): Promise<string> {
  return deps.kv.step(systemOrigin, async (tx) => {
    if (answer === null) return "no answer";
    const { record, name, ...first } = await tx.read({
      record: providers.ref(),
      name: users.usernameRef("carol"),
      ...await registrationRefs(answer),
    });
    const open = await openRegistration(deps, answer, first, {
      provider: assertProvider(record),
      browserDigest,
      provenBy,
      ...presented,
    });
    if (open.kind !== "open") return open.kind;
    if (name.value !== null) return "taken";
    const passkeyId = await addPasskey(tx, open, "The first");
    const account = { username: "carol", passwordHash: null, claims: {}, passkeys: [passkeyId] };
    users.create(tx, open.userId, newUser(account, tx.now));
    return open.userId;
  });
}

async function answerTo(options: CreationOptions, authenticator = anAuthenticator()) {
  const credential = JSON.stringify(await authenticator.create(options));
  return parseRegistrationAnswer("passkey_of_newcomer", credential);
}

Deno.test("who has no account yet gets one together with a passkey, and signs in with it", async () => {
  await using provider = await aProvider();
  const authenticator = anAuthenticator();
  const options = await newcomerOptions(provider);
  const userId = await signUp(provider, await answerTo(options, authenticator));
  // Who they are was chosen by the server, before there was anybody.
  assertEquals(userId, options.user.id);
  assertEquals((await provider.userOf("carol")).userId, userId);
  assertEquals((await passkeysOf(provider, "carol")).map(({ name }) => name), ["The first"]);
  assertEquals(outcomeOf(await signInWithPasskey(provider, authenticator)), "consent");
});

Deno.test("a newcomer's passkey belongs to their browser and to what they have proved", async () => {
  await using provider = await aProvider();
  const answer = await answerTo(await newcomerOptions(provider));
  const before = await snapshot(provider.backend);
  for (const other of [{ browserDigest: "another" }, { provenBy: "sign_up:2" }]) {
    assertEquals(await signUp(provider, answer, other), "expired");
  }
  assertEquals(await snapshot(provider.backend), before, "something was spent");
  assert((await signUp(provider, answer)).length === 22);
});

Deno.test("of 50 concurrent sign-ups with one answer, one makes an account", async () => {
  await using provider = await aProvider();
  const processes = [provider, provider.restart(), provider.restart()];
  const options = await newcomerOptions(provider);
  const answer = await answerTo(options);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, n) => signUp(processes[n % 3] ?? provider, answer)),
  );
  assertEquals(outcomes.filter((outcome) => outcome === options.user.id).length, 1);
  assertEquals(outcomes.filter((outcome) => outcome === "expired").length, 49);
});

Deno.test("a newcomer's challenge is none of a person who is there, nor the other way round", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const options = await newcomerOptions(provider);
  const credential = JSON.stringify(await anAuthenticator().create(options));
  const asPerson = parseRegistrationAnswer("passkey_registration", credential);
  assertEquals(await signUp(provider, asPerson), "expired");
  const { userId } = await provider.userOf("alice");
  const ofAlice = await deps.kv.step(systemOrigin, async (tx) => {
    const { record, user } = await tx.read({ record: providers.ref(), user: users.ref(userId) });
    if (user.value === null) throw new Error("alice is gone");
    const asked = { provider: assertProvider(record), browserDigest, provenBy };
    return await optionsForPerson(deps, tx, { ...asked, user });
  });
  assertEquals(await signUp(provider, await answerTo(ofAlice)), "expired");
});
