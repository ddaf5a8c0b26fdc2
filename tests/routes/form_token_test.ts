import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  type FormSubject,
  formToken,
  formTokenMessage,
  isFormToken,
} from "../../routes/http/form_token.ts";
import { aProvider } from "../support/provider.ts";

// Lengths, separators and digits are what a wrong encoding of parts would mix up.
const part = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("0", "1", "2", "9", ":", "-", ".", " ", "é") }),
);
const id = fc.oneof(part, fc.constant(null));

const subject: fc.Arbitrary<FormSubject> = fc.oneof(
  fc.tuple(fc.constant("sign_in" as const), part),
  fc.tuple(fc.constant("asked" as const), part, id, part),
  fc.tuple(fc.constant("consent" as const), part),
  fc.tuple(fc.constant("account" as const), id),
  fc.tuple(fc.constant("sign_up" as const), id),
  fc.tuple(fc.constantFrom("password_reset" as const, "demo" as const)),
  fc.tuple(fc.constantFrom("setup_link" as const, "sign_up_link" as const), part),
);

Deno.test("two forms of different browsers, purposes or values never have the same token message", () => {
  fc.assert(
    fc.property(part, subject, part, subject, (browser, one, otherBrowser, other) => {
      const isSame = JSON.stringify([browser, one]) === JSON.stringify([otherBrowser, other]);
      const messages = [
        formTokenMessage("salt", browser, one),
        formTokenMessage("salt", otherBrowser, other),
      ];
      assertEquals(messages[0] === messages[1], isSame);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("the message of a form token has only one meaning", () => {
  fc.assert(
    fc.property(part, part, subject, (salt, browser, one) => {
      assertEquals(partsOf(formTokenMessage(salt, browser, one)), [salt, browser, ...one]);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a form token is accepted only for its browser, purpose and values", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const token = await formToken(deps, "browser", "sign_in", "one");

  assert(await isFormToken(deps, token, "browser", "sign_in", "one"));
  const others: readonly FormSubject[] = [
    ["sign_in", "two"],
    ["sign_out", "one"],
    ["account", "one"],
    ["sign_up_link", "one"],
  ];
  for (const other of others) {
    assert(!await isFormToken(deps, token, "browser", ...other), other.join(" "));
  }
  assert(!await isFormToken(deps, token, "another browser", "sign_in", "one"));
  const [salt = "", mac] = token.split(".");
  const otherSalt = (salt.startsWith("A") ? "B" : "A") + salt.slice(1);
  for (const forged of ["", ".", `${salt}.`, `.${mac}`, `${mac}`, `${otherSalt}.${mac}`]) {
    assert(!await isFormToken(deps, forged, "browser", "sign_in", "one"), forged);
  }
  // Else the sizes of compressed pages could tell it, letter by letter.
  assertNotEquals(token, await formToken(deps, "browser", "sign_in", "one"));
});

/** Decodes a message: a part begins with its length, or is the sign for none. */
function partsOf(message: string): (string | null)[] {
  const parts: (string | null)[] = [];
  for (let at = 0; at < message.length;) {
    if (message[at] === "-") {
      parts.push(null);
      at++;
      continue;
    }
    const colon = message.indexOf(":", at);
    const end = colon + 1 + Number(message.slice(at, colon));
    parts.push(message.slice(colon + 1, end));
    at = end;
  }
  return parts;
}
