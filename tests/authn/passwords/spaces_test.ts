import { argon2id } from "hash-wasm";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { passwordHasher } from "../../../src/authn/passwords/hasher.ts";
import { systemRandom } from "../../../src/crypto/random.ts";
import { ask, outcomeOf, submitLogin } from "../../support/authorization.ts";
import { aProvider } from "../../support/provider.ts";

const cheap = { memoryKiB: 8, iterations: 1 };
const plain = "quiet harbour lights";
const others = ["\u00a0", "\u3000", "\u2009"].map((space) => plain.replaceAll(" ", space));

Deno.test("another kind of space in a password is a space", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  for (const typed of others) {
    assert(await hasher.verify(typed, await hasher.hash(plain)));
    assert(await hasher.verify(plain, await hasher.hash(typed)));
    assertFalse(await hasher.verify(typed, await hasher.hash("quietharbourlights")));
  }
  const mara = { username: "mara", password: plain };
  await using provider = await aProvider({ users: [mara] });
  const browser = provider.browser();
  const password = others[0] ?? "";
  const landing = await submitLogin(browser, await ask(provider, { browser }), {
    ...mara,
    password,
  });
  assertEquals(outcomeOf(landing), "consent");
});

Deno.test("a hash of a release that kept the spaces still verifies what was typed for it", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  const [password = ""] = others;
  const encoded = await argon2id({
    password,
    salt: new Uint8Array(16).fill(7),
    iterations: 1,
    memorySize: 8,
    parallelism: 1,
    hashLength: 32,
    outputType: "encoded",
  });
  assert(await hasher.verify(password, encoded));
  assertFalse(await hasher.verify(plain, encoded));
});
