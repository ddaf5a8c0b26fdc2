import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { secretProblem } from "../../src/clients/secret.ts";
import { randomSecret, systemRandom } from "../../src/crypto/random.ts";

Deno.test("a client secret that is easy to guess is refused", () => {
  for (
    const secret of [
      "short",
      "a".repeat(16),
      "aaaaaaaaaaaaaaab",
      "abababababababab",
      "1234123412341234",
      "0123456789abcdef",
      "abcdefghijklmnopqrstuvwxyz",
      "ABCDEFGHIJKLMNOP",
      "fedcba9876543210",
      "passwordpassword",
      "password12345678",
      "Passw0rd123456789!",
      "qwertyuiopasdfghjkl",
      "client_secret_1234567890",
      "changeme-changeme",
      "secretsecretsecret1",
      "administrator1234567890",
      "                ",
      "x".repeat(257),
    ]
  ) {
    assert(secretProblem(secret) !== null, secret);
  }
});

Deno.test("secrets that clients already have, and passphrases, are accepted", () => {
  for (
    const secret of [
      "the secret of shop",
      "sixteen characters",
      "web-secret-0123456789",
      "bench-secret-0123456789abcdef",
      "abc+def/ghi=+jklmnop",
      "p%41ss+w:ö r/d=&0123",
      "z/tZ9+Vw%Qb:2=long enough",
      "correct horse battery staple",
      "3f9a7c1e5b2d8046",
    ]
  ) {
    assertEquals(secretProblem(secret), null, secret);
  }
});

Deno.test("a random secret is always accepted", () => {
  for (let n = 0; n < 1000; n++) assertEquals(secretProblem(randomSecret(systemRandom)), null);
  // Of hexadecimal digits, too, as people make them with openssl rand -hex 16.
  const hex = fc.uint8Array({ minLength: 16, maxLength: 32 }).filter((bytes) =>
    new Set(bytes).size > 12
  );
  fc.assert(fc.property(hex, (bytes) => {
    const secret = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return new Set(secret).size < 8 || secretProblem(secret) === null;
  }));
});
