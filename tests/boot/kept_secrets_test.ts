import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as bootstrapEntries from "../../stores/bootstrap_entries.ts";
import * as clients from "../../stores/clients.ts";
import { isPresent } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { appliedEntries } from "../../src/boot/applied_entries.ts";
import { rememberSecrets } from "../../src/boot/applied_secrets.ts";
import { digest } from "../../src/crypto/digest.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { aClient } from "../support/clients.ts";
import { anInstallation, newKey, oldKey } from "./installation.ts";
import { changeUser, readRecord, readUser } from "./store_contents.ts";

const mara = { username: "mara", password: "quiet harbour", claims: { name: "Mara" } };
const shop = aClient("shop", { client_secret: "the secret of shop, long enough to sign" });
const file = { clients: [shop], users: [mara] };
const edited = {
  clients: [{ ...shop, client_name: "The new shop" }],
  users: [{ ...mara, claims: { name: "Mara L" } }],
};

/** What the admin API and the account page do, because the secret or the password has leaked. */
async function replaceSecrets(deps: Deps) {
  const passwordHash = await deps.passwordHasher.hash("a password of her own");
  await changeUser(deps, "mara", { passwordHash });
  const secretDigest = await digest("a secret from the API");
  const previous = { secretDigest: "before", sealedSecret: null, expiresAt: 4_000_000_000 };
  await deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref("shop") });
    assert(client.value !== null);
    clients.replace(tx, client, { ...client.value, secretDigest, previousSecret: previous });
  });
  return { passwordHash, secretDigest, previous };
}

async function secretsOf(deps: Deps) {
  const { secretDigest, previousSecret, clientName, epoch } = await readRecord(
    deps,
    clients.ref("shop"),
  );
  const { passwordHash, claims, epoch: userEpoch } = (await readUser(deps, "mara")).value;
  return { secretDigest, previousSecret, clientName, epoch, passwordHash, claims, userEpoch };
}

Deno.test("an entry with another name does not set back a password or a secret that was changed since", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const now = await replaceSecrets(deps);
  const before = await secretsOf(deps);
  await installation.boot(edited);

  const { secretDigest, previousSecret, clientName, epoch, passwordHash, claims, userEpoch } =
    await secretsOf(deps);
  assertEquals([clientName, claims], ["The new shop", { name: "Mara L" }]);
  assertEquals([secretDigest, passwordHash], [now.secretDigest, now.passwordHash]);
  assertEquals(previousSecret, now.previous);
  assertEquals([epoch, userEpoch], [before.epoch, before.userEpoch], "nothing ends");
});

Deno.test("another password or secret in an entry is applied", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  await replaceSecrets(deps);
  await installation.boot({
    clients: [{ ...shop, client_secret: "another long secret" }],
    users: [{ ...mara, password: "another harbour" }],
  });
  const { secretDigest, passwordHash } = await secretsOf(deps);
  assertEquals(secretDigest, await digest("another long secret"));
  assert(await deps.passwordHasher.verify("another harbour", passwordHash ?? ""));
});

Deno.test("a client that begins to sign with its secret gets that of the file: of another only a digest is known", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  await replaceSecrets(deps);
  const signing = { ...shop, token_endpoint_auth_method: "client_secret_jwt" };
  await installation.boot({ clients: [signing] });
  const { secretDigest, sealedSecret } = await readRecord(deps, clients.ref("shop"));
  assertEquals(secretDigest, await digest(String(shop.client_secret)));
  assertNotEquals(sealedSecret, null);

  await installation.boot({ clients: [{ ...signing, client_name: "Signs" }] });
  assertEquals((await readRecord(deps, clients.ref("shop"))).sealedSecret, sealedSecret);
  await installation.boot({ clients: [shop] });
  assertEquals((await readRecord(deps, clients.ref("shop"))).sealedSecret, null);
});

Deno.test("which secrets were applied is known after a rotation of the master key, and after an update", async () => {
  for (const isUpdate of [false, true]) {
    await using installation = await anInstallation();
    const { deps } = await installation.boot(file);
    const now = await replaceSecrets(deps);
    if (isUpdate) await forgetSecrets(deps);
    const unrelated = { ...file, groups: [{ group: "staff" }] };
    await installation.boot(unrelated, { key: newKey, previous: oldKey });
    await installation.boot(edited, { key: newKey });
    const { secretDigest, passwordHash } = await secretsOf(deps);
    assertEquals([secretDigest, passwordHash], [now.secretDigest, now.passwordHash]);
  }
});

Deno.test("after an update, the first boot with an entry as it was remembers its secret", async () => {
  const unchanged = [file, { ...file, groups: [{ group: "staff" }] }];
  for (const first of unchanged) {
    await using installation = await anInstallation();
    const { deps } = await installation.boot(file);
    const now = await replaceSecrets(deps);
    await forgetSecrets(deps);
    await Promise.all([installation.boot(first), installation.boot(first)]);
    await installation.boot(edited);
    const { secretDigest, passwordHash } = await secretsOf(deps);
    assertEquals([secretDigest, passwordHash], [now.secretDigest, now.passwordHash]);
  }
});

Deno.test("a process with the old file does not overwrite what another remembers of the new one", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const old = await appliedEntries(deps, JSON.stringify(file));
  await installation.boot(edited);
  await rememberSecrets(deps, old ?? []);
  assertEquals((await appliedEntries(deps, JSON.stringify(edited)))?.length, 2);
});

Deno.test("an entry that was removed from the file, and comes back changed, sets nothing back", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  const now = await replaceSecrets(deps);
  await installation.boot({});
  await installation.boot(edited);
  const { secretDigest, passwordHash, clientName } = await secretsOf(deps);
  assertEquals([secretDigest, passwordHash], [now.secretDigest, now.passwordHash]);
  assertEquals(clientName, "The new shop");
});

Deno.test("a client that was deleted gets the secret of its changed entry again", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(file);
  await deps.kv.step(systemOrigin, async (tx) => {
    const { client } = await tx.read({ client: clients.ref("shop") });
    assert(isPresent(client));
    clients.remove(tx, client);
  });
  await installation.boot(edited);
  const { secretDigest } = await readRecord(deps, clients.ref("shop"));
  assertEquals(secretDigest, await digest(String(shop.client_secret)));
});

/** Makes the records about entries those of an earlier release. */
async function forgetSecrets(deps: Deps) {
  for (const [kind, id] of [["client", "shop"], ["user", "mara"]] as const) {
    await deps.kv.step(systemOrigin, async (tx) => {
      const { found } = await tx.read({ found: bootstrapEntries.ref(kind, id) });
      const contentMac = found.value?.contentMac ?? "";
      bootstrapEntries.keepMacs(tx, found, { contentMac, secretMac: null });
    });
  }
}
