import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/config_error.ts";
import { readConfig } from "../../src/config/read_config.ts";
import { configVariables } from "../../src/config/variables.ts";
import { toBase64url } from "../../src/crypto/encoding.ts";

type Settings = Readonly<Record<string, string>>;

const key = toBase64url(new Uint8Array(32).fill(1));
const production: Settings = {
  LATCHKEY_ISSUER: "https://id.example.com",
  LATCHKEY_MASTER_KEY: key,
};
const settings = [
  ...configVariables.filter((name) => !name.startsWith("DENO_")),
  "DENO_KV_ACCESS_TOKEN",
];
const paths = [
  "LATCHKEY_KV",
  "LATCHKEY_MASTER_KEY_FILE",
  "LATCHKEY_BOOTSTRAP",
  "LATCHKEY_BRAND_LOGO_FILE",
];
/** Settings that may hold any text, and so a unit, a sign or a large number too. */
const texts = [
  ...paths,
  "LATCHKEY_BRAND_NAME",
  "LATCHKEY_HOST",
  "LATCHKEY_OUTGOING_HOSTS",
  "LATCHKEY_REGISTRATION_SCOPES",
  "DENO_KV_ACCESS_TOKEN",
];

/** What is said of a wrong value: one sentence that begins with the name and does not repeat the value. */
function refusal(name: string, value: string): string {
  const error = assertThrows(
    () => readConfig({ ...production, [name]: value }, () => ""),
    ConfigError,
    undefined,
    `${name}=${JSON.stringify(value)}`,
  );
  assertEquals(error.variable, name);
  assert(error.message.startsWith(`${name} `) && error.message.endsWith("."));
  assert(!error.message.includes("\n"), error.message);
  assert(value === "" || !error.message.includes(`${value} `), error.message);
  return error.message;
}

Deno.test("no setting may be empty, have white space around it, or be in quotes", () => {
  for (const name of settings) {
    assertStringIncludes(refusal(name, ""), "is empty: give it a value or remove it");
    for (
      const value of ["secret7\n", "secret7\r\n", "secret7\r", " secret7", "\ufeffsecret7", " "]
    ) {
      assertStringIncludes(refusal(name, value), "has white space around its value: remove it");
    }
    for (const value of ['"secret7"', "'secret7'", "`secret7`", '""', "'[]'"]) {
      assertStringIncludes(refusal(name, value), "has quotes around its value: remove them");
    }
  }
});

Deno.test("a value with a unit, a sign, too many digits or a wrong word is refused", () => {
  const wrong = ["-1", "1h", "60s", "60 s", "1e3", "0x10", "9".repeat(30), "secret7", "TRUE"];
  for (const name of settings.filter((name) => !texts.includes(name))) {
    for (const value of wrong) refusal(name, value);
  }
});

Deno.test("a path holds no lines of a file, and nothing that only a shell replaces", () => {
  for (const name of paths) {
    for (const value of ["{\n}", "secret7\nsecret8", "a\r\nb", "a\0b"]) {
      assertStringIncludes(refusal(name, value), "must have no line breaks");
    }
    for (const value of ["~/kv.sqlite", "$HOME/kv.sqlite", "${STATE}/kv"]) {
      assertStringIncludes(refusal(name, value), "must be the whole path");
    }
  }
});

Deno.test("quotes within a value are a part of it", () => {
  const from = '"Harbour" <id@example.com>';
  const mail = { LATCHKEY_MAIL: "smtp", LATCHKEY_MAIL_SMTP_URL: "smtps://mail.example" };
  readConfig({ ...production, ...mail, LATCHKEY_MAIL_FROM: from }, () => "");
  const name = `"Harbour" and 'Sea`;
  assertEquals(
    readConfig({ ...production, LATCHKEY_BRAND_NAME: name }, () => "").brand.name,
    name,
  );
});
