import { assert, assertEquals } from "@std/assert";
import { passwordHasher } from "../../../src/authn/passwords/hasher.ts";
import { systemRandom } from "../../../src/crypto/random.ts";
import { signInFor } from "../../support/factors.ts";
import { alice, aProvider, type TestProvider } from "../../support/provider.ts";
import { editUser } from "../../support/records.ts";

/** A provider whose alice has a hash from the days of cheaper ones. */
async function aProviderWithAnOldHash() {
  const provider = await aProvider();
  using cheap = passwordHasher(systemRandom, { memoryKiB: 16, iterations: 2 });
  const passwordHash = await cheap.hash(alice.password);
  await editUser(provider, "alice", { passwordHash });
  return { provider, passwordHash };
}

async function hashOf(provider: TestProvider) {
  return (await provider.userOf("alice")).user.passwordHash ?? "";
}

Deno.test("a hash with old parameters is replaced when its user signs in, and never by a guess", async () => {
  const { provider, passwordHash } = await aProviderWithAnOldHash();
  await using _ = provider;
  const { needsRehash } = provider.deps.passwordHasher;
  assert(needsRehash(passwordHash));
  await signInFor(provider.browser(), "/account", { person: { ...alice, password: "a guess" } });
  assertEquals(await hashOf(provider), passwordHash);

  assertEquals((await signInFor(provider.browser(), "/account")).url.pathname, "/account");
  const upgraded = await hashOf(provider);
  assertEquals(needsRehash(upgraded), false);
  assertEquals((await signInFor(provider.browser(), "/account")).url.pathname, "/account");
  assertEquals(await hashOf(provider), upgraded);
});

Deno.test("20 concurrent sign-ins all succeed and leave one hash", async () => {
  const { provider } = await aProviderWithAnOldHash();
  await using _ = provider;
  const landings = await Promise.all(
    Array.from({ length: 20 }, () => signInFor(provider.browser(), "/account")),
  );
  assertEquals(new Set(landings.map(({ url }) => url.pathname)), new Set(["/account"]));
  assertEquals(provider.deps.passwordHasher.needsRehash(await hashOf(provider)), false);
  assertEquals((await signInFor(provider.browser(), "/account")).url.pathname, "/account");
});

Deno.test("a new hash does not overwrite a password that was changed meanwhile", async () => {
  const { provider } = await aProviderWithAnOldHash();
  await using _ = provider;
  const fresh = await provider.deps.passwordHasher.hash("quite another password");
  await Promise.all([
    ...Array.from({ length: 10 }, () => signInFor(provider.browser(), "/account")),
    editUser(provider, "alice", { passwordHash: fresh }),
  ]);
  assertEquals(await hashOf(provider), fresh);
});
