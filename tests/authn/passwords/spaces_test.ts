import { argon2id } from "hash-wasm";
import fc from "fast-check";
import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { anAdminApi } from "../../admin/api.ts";
import { passwordHasher } from "../../../src/authn/passwords/hasher.ts";
import { newPasswordProblem } from "../../../src/authn/passwords/new_password.ts";
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
  const encoded = await hashOfBefore(password);
  assert(await hasher.verify(password, encoded));
  assertFalse(await hasher.verify(plain, encoded));
});

Deno.test("a new password may be repeated with another kind of space, and stays one that was given", async () => {
  const mara = { username: "mara", password: plain };
  await using api = await anAdminApi();
  await api.post("/users", mara);
  const browser = api.provider.browser();
  const page = await browser.submit(await ask(api.provider, { browser }), mara);
  const [given = "", other = ""] = others;
  const same = await browser.submit(page, { password: given, password_repeat: other });
  assertStringIncludes(same.body, "the one that you were given");
  const own = "une très belle île";
  const typed = own.replaceAll(" ", "\u00a0").normalize("NFD");
  const wrong = await browser.submit(same, { password: own, password_repeat: `${typed}!` });
  assertEquals(wrong.response.status, 400);
  const done = await browser.submit(wrong, { password: own, password_repeat: typed });
  assertEquals(outcomeOf(done), "consent");
});

Deno.test("no kind of space hides that a new password is the user's name", async () => {
  for (const space of [" ", "\u00a0", "\u1680", "\u3000"]) {
    const password = `mara${space}lindqvist`;
    assertEquals(await newPasswordProblem(password, ["Mara Lindqvist"]), "password_common");
  }
});

Deno.test("property: a hash of before accepts what was typed for it, and no other text", async () => {
  using hasher = passwordHasher(systemRandom, cheap);
  const space = fc.constantFrom(" ", "\u00a0", "\u1680", "\u2000", "\u2009", "\u202f", "\u3000");
  const letter = fc.constantFrom("a", "e\u0301", "\u00e9", "Q", "7");
  const typed = fc.array(fc.oneof(space, letter), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(typed, typed, async (password, other) => {
      const before = password.normalize("NFC"); // what releases up to 0.2 hashed
      const encoded = await hashOfBefore(before);
      assert(await hasher.verify(password, encoded));
      const accepted = [other.normalize("NFC"), other.replaceAll(/\p{Zs}/gu, " ").normalize("NFC")];
      assertEquals(await hasher.verify(other, encoded), accepted.includes(before));
    }),
    { numRuns: 200 },
  );
});

/** The hash of a release that kept the spaces. */
function hashOfBefore(password: string) {
  return argon2id({
    password,
    salt: new Uint8Array(16).fill(7),
    iterations: 1,
    memorySize: 8,
    parallelism: 1,
    hashLength: 32,
    outputType: "encoded",
  });
}
