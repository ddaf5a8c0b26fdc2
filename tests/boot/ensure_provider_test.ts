import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as auditEvents from "../../stores/audit_events.ts";
import * as clients from "../../stores/clients.ts";
import * as encryptionKeys from "../../stores/encryption_keys.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import * as idempotencyKeys from "../../stores/idempotency_keys.ts";
import { firstAlgorithms } from "../../stores/provider.ts";
import { stateOf } from "../../stores/signing_keys.ts";
import * as totpEnrolments from "../../stores/totp_enrolments.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as users from "../../stores/users.ts";
import { contextOf } from "../../stores/idempotency_keys.ts";
import { rotateClientSecret } from "../../src/admin/clients.ts";
import { secretContext } from "../../src/clients/kept_secret.ts";
import { aClient } from "../support/clients.ts";
import { sealAuditEvents } from "../../src/audit/seal.ts";
import { newUser } from "../../src/authn/new_accounts/new_account.ts";
import { ensureProvider } from "../../src/boot/ensure_provider.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { newEncryptionKey } from "../../src/keys/encryption_key.ts";
import { addEncryptionKeyRotation } from "../../src/keys/encryption_key_rotation.ts";
import { deliverMail } from "../../src/mail/deliver.ts";
import { enqueueMail } from "../../src/mail/outbox.ts";
import { anInstallation, newKey, oldKey } from "./installation.ts";
import { eventTypes, readProvider, readRecord, readSigningKeys } from "./store_contents.ts";

Deno.test("the first start creates an active and a next key for each first algorithm, with an event for each key", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot();

  const provider = await readProvider(deps);
  const keys = await readSigningKeys(deps);
  assertEquals(provider.epoch, 1);
  assertEquals(
    keys.map((key) => `${key.alg} ${stateOf(key, provider)} ${key.activatedAt !== null}`).sort(),
    firstAlgorithms.flatMap((alg) => [`${alg} active true`, `${alg} next false`]).sort(),
  );
  for (const key of keys) assert(!("d" in key.publicJwk), "a private member is public");
  const events = await eventTypes(deps);
  assertEquals(events.filter((type) => type === "signing_key_created").length, 6);
});

Deno.test("the keys of the first start can sign, and a second start changes nothing", async () => {
  await using installation = await anInstallation();
  const first = await installation.boot();
  const before = [await readProvider(first.deps), await readSigningKeys(first.deps)];

  const { deps } = await installation.boot();

  assertEquals([await readProvider(deps), await readSigningKeys(deps)], before);
  for (const alg of firstAlgorithms) {
    await deps.signer.sign(await readProvider(deps), alg, { sub: "someone" });
  }
});

Deno.test("if several processes start at once on an empty store, one creates the keys", async () => {
  await using installation = await anInstallation();

  const booted = await Promise.all([1, 2, 3].map(() => installation.boot()));

  const [{ deps } = booted[0]!] = booted;
  assertEquals((await readSigningKeys(deps)).length, 6);
  const events = await eventTypes(deps);
  assertEquals(events.filter((type) => type === "signing_key_created").length, 6);
  assertEquals(events.filter((type) => type === "setup_link_issued").length, 1);
  assertEquals(new Set(booted.map(({ setupLink }) => setupLink)).size, 1);
});

Deno.test("a process with another master key is refused, even if it starts at the same time", async () => {
  await using installation = await anInstallation();

  const outcomes = await Promise.allSettled([
    installation.boot(),
    installation.boot(undefined, { key: newKey }),
  ]);
  assertEquals(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  const won = outcomes[0]?.status === "fulfilled" ? oldKey : newKey;
  const lost = won === oldKey ? newKey : oldKey;

  const error = await assertRejects(
    () => installation.boot(undefined, { key: lost }),
    ConfigError,
    "LATCHKEY_MASTER_KEY is not the key that this store was sealed with",
  );
  assertStringIncludes(error.message, "LATCHKEY_MASTER_KEY_PREVIOUS");
  const third = new Uint8Array(32).fill(3);
  await assertRejects(
    () => installation.boot(undefined, { key: lost, previous: third }),
    ConfigError,
    "neither is",
  );
  await installation.boot(undefined, { key: won });
});

Deno.test("after a start with both master keys, the previous one can be removed", async () => {
  await using installation = await anInstallation();
  await installation.boot();

  await installation.boot(undefined, { key: newKey, previous: oldKey });

  const { deps } = await installation.boot(undefined, { key: newKey });
  for (const alg of firstAlgorithms) {
    await deps.signer.sign(await readProvider(deps), alg, { sub: "someone" });
  }
  for (const key of await readSigningKeys(deps)) {
    assert(key.sealedPrivateJwk.startsWith(`${deps.masterKey.keyId}.`));
  }
  await assertRejects(() => installation.boot(), ConfigError);
});

Deno.test("both secrets of a client that signs with them are sealed with the new master key", async () => {
  await using installation = await anInstallation();
  const client_secret = "Zk3vQ9xT7mLw2pRb8nYc5dHsZk3vQ9xT7mLw2pRb8nYc5dHs";
  const token_endpoint_auth_method = "client_secret_jwt";
  const client = aClient("app", { client_secret, token_endpoint_auth_method });
  const { deps: first } = await installation.boot({ clients: [client] });
  await first.kv.step(systemOrigin, async (tx) => {
    const { entry } = await tx.read({ entry: clients.ref("app") });
    assert(isPresent(entry));
    await rotateClientSecret(first, tx, entry, "the second secret, which signs too", 3600);
  });

  await installation.boot(undefined, { key: newKey, previous: oldKey });

  const { deps } = await installation.boot(undefined, { key: newKey });
  const { sealedSecret, previousSecret } = await readRecord(deps, clients.ref("app"));
  const unseal = (sealed: string | null | undefined) =>
    deps.masterKey.unseal(sealed ?? "", secretContext("app"));
  assertEquals(await unseal(sealedSecret), "the second secret, which signs too");
  assertEquals(await unseal(previousSecret?.sealedSecret), client_secret);
});

Deno.test("the keys for encrypted requests, a replaced one too, are sealed with the new master key", async () => {
  await using installation = await anInstallation();
  const client = aClient("app", { request_object_encryption_alg: "RSA-OAEP-256" });
  const { deps: first } = await installation.boot({ clients: [client] });
  const replacement = await newEncryptionKey(first, "RSA", first.clock.seconds());
  const origin = systemOrigin;
  await first.kv.step(origin, (tx) => addEncryptionKeyRotation(tx, "RSA", replacement));

  await installation.boot(undefined, { key: newKey, previous: oldKey });

  const { deps } = await installation.boot(undefined, { key: newKey });
  const keys = await readRecord(deps, encryptionKeys.ref("RSA"));
  assert(keys.previous);
  for (const { publicJwk, sealedPrivateJwk } of [keys.current, keys.previous]) {
    const context = encryptionKeys.contextOf("RSA");
    const privateJwk = JSON.parse(await deps.masterKey.unseal(sealedPrivateJwk, context));
    assertEquals(privateJwk.n, publicJwk.n);
  }
});

Deno.test("sealing again continues where a killed process stopped, and a further start changes nothing", async () => {
  await using installation = await anInstallation();
  await installation.boot();
  const both = { key: newKey, previous: oldKey };
  const dying = await installation.process(both);
  let commits = 0;
  const { step } = dying.kv;
  // Of six keys and the proof, three keys are done.
  const kv = {
    ...dying.kv,
    step:
      ((origin, work) =>
        ++commits > 4 ? Promise.reject(new Error("killed")) : step(origin, work)) as typeof step,
  };
  await assertRejects(() => ensureProvider({ ...dying, kv }), Error, "killed");

  await Promise.all([installation.boot(undefined, both), installation.boot(undefined, both)]);
  const { deps } = await installation.boot(undefined, both);
  const before = await readSigningKeys(deps);
  await installation.boot(undefined, both);

  assertEquals(await readSigningKeys(deps), before);
  await installation.boot(undefined, { key: newKey });
});

Deno.test("every sealed record can be unsealed with the new master key alone", async () => {
  await using installation = await anInstallation();
  const { deps: before } = await installation.boot();
  assertEquals((await seal(before))?.sequence, 1);
  await before.kv.step(systemOrigin, async (tx) => {
    await enqueueMail(before, tx, {
      to: "mara@example.com",
      userId: null,
      template: "password_reset",
      written: { subject: "A link", text: "a link", html: "<p>a link</p>" },
      usefulFor: 3600,
    });
    auditEvents.append(tx, { type: "password_reset_requested" });
  });
  const at = await idempotencyKeys.ref("ops", "a key");
  await before.kv.step(systemOrigin, async (tx) => {
    const { found } = await tx.read({ found: at });
    const sealedAnswer = await before.masterKey.seal("an answer", contextOf(at));
    idempotencyKeys.keep(tx, found, { requestDigest: "", sealedAnswer });
  });
  const person = users.ref("someone");
  const pending = totpEnrolments.ref("a session");
  await before.kv.step(systemOrigin, async (tx) => {
    const { enrolment } = await tx.read({ enrolment: pending });
    const sealed = (context: string) => before.masterKey.seal("a secret", context);
    const totp = { sealedSecret: await sealed(totpContext), lastStep: 7, createdAt: 1 };
    const user = newUser({ username: "someone", passwordHash: null, claims: {} }, tx.now);
    users.create(tx, "someone", { ...user, totp });
    users.create(tx, "another", { ...user, username: "another" });
    const sealedSecret = await sealed(enrolmentContext);
    const bound = { userId: "another", browserDigest: "", epoch: 1 };
    totpEnrolments.begin(tx, enrolment, { ...bound, sealedSecret });
  });

  await installation.boot(undefined, { key: newKey, previous: oldKey });

  const { deps } = await installation.boot(undefined, { key: newKey });
  assertEquals((await seal(deps))?.sequence, 2);
  assertEquals((await deliverMail(deps)).sent, 1);
  const { sealedAnswer } = await readRecord(deps, at);
  assertEquals(await deps.masterKey.unseal(sealedAnswer, contextOf(at)), "an answer");
  const { totp } = await readRecord(deps, person);
  assertEquals(totp?.lastStep, 7);
  assertEquals(await deps.masterKey.unseal(totp?.sealedSecret ?? "", totpContext), "a secret");
  const { sealedSecret } = await readRecord(deps, pending);
  assertEquals(await deps.masterKey.unseal(sealedSecret, enrolmentContext), "a secret");
});

const totpContext = users.totpContext("someone");
const enrolmentContext = totpEnrolments.enrolmentContext("a session");

/** Nobody waits fifteen seconds here for two enders of one thing to have both ended it. */
function seal(deps: Deps) {
  return sealAuditEvents({ ...deps, timers: { sleep: () => Promise.resolve() } });
}
