import { usernameRef } from "../../stores/user_names.ts";
import { assert, assertEquals } from "@std/assert";
import * as clients from "../../stores/clients.ts";
import type { KvBackend } from "../../stores/engine/kv.ts";
import { id } from "../../stores/engine/transaction.ts";
import { demoClientId, demoClientSecret } from "../../src/boot/development.ts";
import { digest } from "../../src/crypto/digest.ts";
import { anInstallation, newKey, oldKey } from "./installation.ts";
import { changeUser, eventTypes, readRecord, readUser } from "./store_contents.ts";

const at = (issuer: string) => ({ config: { environment: "development" as const, issuer } });
const entryEvents = /^(client|user)_/;

Deno.test("a development start creates two users, reports their passwords, and creates the demo client", async () => {
  await using installation = await anInstallation();
  const booted = await installation.boot(undefined, at("http://localhost:8000"));
  const { deps } = booted;

  assertEquals(booted.developmentPeople.map(({ username }) => username), ["alice", "bob"]);
  assertEquals(booted.setupLink, null);
  for (const { username, password } of booted.developmentPeople) {
    const { value } = await readUser(deps, username);
    assert(password.kind === "known");
    assert(await deps.passwordHasher.verify(password.text, value.passwordHash ?? ""));
    assertEquals(value.claims.email, `${username}@example.com`);
    assertEquals(value.claims.email_verified, username === "alice");
  }
  const demo = await readRecord(deps, clients.ref(demoClientId));
  assertEquals(demo.redirectUris, ["http://localhost:8000/dev/app/callback"]);
  assertEquals(demo.secretDigest, await digest(await demoClientSecret(deps)));
  assert(demo.requirePkce && !demo.skipConsent);
});

Deno.test("the demo client follows the port and the master key, and users keep their changes", async () => {
  await using installation = await anInstallation();
  const { deps } = await installation.boot(undefined, at("http://localhost:8000"));
  await changeUser(deps, "alice", { passwordHash: null });
  await installation.boot(undefined, at("http://localhost:8000"));
  assertEquals((await eventTypes(deps)).filter((type) => entryEvents.test(type)).sort(), [
    "client_created",
    "user_created",
    "user_created",
  ]);

  await installation.boot(undefined, at("http://localhost:8001"));
  const moved = await readRecord(deps, clients.ref(demoClientId));
  assertEquals(moved.redirectUris, ["http://localhost:8001/dev/app/callback"]);
  assertEquals(moved.postLogoutRedirectUris, ["http://localhost:8001/dev/app"]);
  assertEquals((await readUser(deps, "alice")).value.passwordHash, null);

  const both = { key: newKey, previous: oldKey, ...at("http://localhost:8001") };
  const rotated = await installation.boot(undefined, both);
  const { secretDigest } = await readRecord(deps, clients.ref(demoClientId));
  assertEquals(secretDigest, await digest(await demoClientSecret(rotated.deps)));
});

Deno.test("a process that starts while another creates the users leaves them unchanged", async () => {
  const development = at("http://localhost:8000");
  const name = id(usernameRef("alice").key);
  // It is overtaken after its first look for the name, and after the second.
  for (let sightings = 1; sightings <= 2; sightings++) {
    await using installation = await anInstallation();
    let seen = 0;
    const overtaken = (backend: KvBackend): KvBackend => ({
      ...backend,
      async getMany(keys) {
        const found = await backend.getMany(keys);
        if (keys.some((key) => id(key) === name) && ++seen === sightings) {
          await installation.boot(undefined, development);
        }
        return found;
      },
    });

    const { deps } = await installation.boot(undefined, { ...development, wrap: overtaken });

    assertEquals((await eventTypes(deps)).filter((type) => type === "user_created").length, 2);
  }
});

Deno.test("production has neither the development users nor the demo client", async () => {
  await using installation = await anInstallation();
  const { deps, developmentPeople } = await installation.boot();

  assertEquals(developmentPeople, []);
  assertEquals((await eventTypes(deps)).filter((type) => entryEvents.test(type)), []);
});
