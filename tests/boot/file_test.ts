import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseBootstrapFile } from "../../src/boot/file.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { aClient } from "../support/clients.ts";

const secret = "hunter2-hunter2-hunter2";
const client = (members: Record<string, unknown>) => ({
  clients: [aClient("first"), { ...aClient("shop"), client_secret: secret, ...members }],
});
const user = (members: Record<string, unknown>) => ({
  users: [{ username: "mara", password: secret, ...members }],
});
const resource = (members: Record<string, unknown>) => ({
  resources: [{ resource: "https://api.example", ...members }],
});

/** What is wrong, and what the sentence says behind the name of the file. */
const wrong: [unknown, string][] = [
  [[], "which is wrong: it must be of type object"],
  [{ client: [] }, "which is wrong: client is not known here"],
  [{ clients: {} }, "which is wrong: clients must be of type array"],
  [{ clients: [null] }, "whose entry clients[0] is wrong: it must be of type object"],
  [client({ client_id: undefined }), "whose entry clients[1] is wrong: client_id is missing"],
  [
    client({ redirect_uri: "https://a.example" }),
    "whose entry clients[1] (shop) is wrong: redirect_uri is not known here",
  ],
  [client({ client_secret: undefined }), "(shop) is wrong: client_secret is missing"],
  [client({ client_secret: "short" }), "client_secret must have at least 16 characters"],
  [client({ redirect_uris: [] }), "redirect_uris must hold at least one"],
  [client({ redirect_uris: ["http://shop.example"] }), "redirect_uris.0 must be https"],
  [client({ redirect_uris: [7] }), "redirect_uris.0 must be of type string"],
  [client({ grant_types: ["password"] }), "grant_types.0 must be one of authorization_code"],
  [client({ skip_consent: "yes" }), "skip_consent must be of type boolean"],
  [client({ client_id: "first" }), "entry clients[1] (first) is the same as clients[0]"],
  [user({ username: undefined }), "users[0] is wrong: username is missing"],
  [user({ username: " mara" }), "username must have 1 to 256 visible characters"],
  [user({ username: "m".repeat(257) }), "username must have 1 to 256 visible characters"],
  [user({ password: "hunter2" }), "users[0] (mara) is wrong: password must have 8 to 128"],
  [user({ password: secret.repeat(10) }), "password must have 8 to 128"],
  [user({ password: 12345678 }), "password must be of type string"],
  [user({ passwd: secret }), "passwd is not known here"],
  [user({ claims: { email: secret } }), "claims.email must be a mail address"],
  [user({ claims: { admin: true } }), "claims.admin is not known here"],
  [
    { users: [{ username: "mara" }, { username: "ＭＡＲＡ" }] },
    "whose entry users[1] (ＭＡＲＡ) is the same as users[0]",
  ],
  [resource({ resource: "api" }), "resources[0] (api) is wrong: resource must be an absolute URI"],
  [resource({ resource: "https://api.example#x" }), "resource must be an absolute URI"],
  [resource({ resource: `https://${"a".repeat(256)}` }), "resource must be an absolute URI"],
  [resource({ scopes: ["read orders"] }), "scopes.0 must be a scope name"],
  [resource({ scopes: ["read", "openid"] }), "scopes.1 must not be one of the server's own"],
  [resource({ access_token_format: "JWT" }), "access_token_format must be one of jwt, opaque"],
];

Deno.test("a wrong file stops the start with a sentence that names the place and no secret", () => {
  for (const [content, problem] of wrong) {
    const error = assertThrows(
      () => parseBootstrapFile("boot.json", JSON.stringify(content)),
      ConfigError,
      problem,
    );
    assertStringIncludes(error.message, "LATCHKEY_BOOTSTRAP names boot.json, wh");
    assert(error.message.endsWith(".") && !error.message.includes("\n"), error.message);
    assert(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("a file that is not JSON is refused, and the error does not quote its text", () => {
  for (
    const text of [
      "",
      "{",
      secret,
      `{"users":[{"password":"${secret}",}]}`,
      `{"a":"${secret}"`,
      `{"a":"\\ud800"}`,
    ]
  ) {
    const error = assertThrows(
      () => parseBootstrapFile("boot.json", text),
      ConfigError,
      "LATCHKEY_BOOTSTRAP names boot.json, which is not JSON",
    );
    assert(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("an empty file is valid, and a resource's tokens are opaque by default", () => {
  for (const empty of ["{}", "\ufeff{}\r\n"]) {
    assertEquals(parseBootstrapFile("boot.json", empty), []);
  }
  const [entry] = parseBootstrapFile("boot.json", JSON.stringify(resource({})));
  assert(entry?.kind === "resource");
  assertEquals(entry.value.access_token_format, "opaque");
});

Deno.test("the length of a password is counted in characters as people count them", () => {
  const passwords: [string, boolean][] = [
    ["🔑".repeat(7), false],
    ["🔑".repeat(8), true],
    ["🔑".repeat(128), true],
    ["e\u0301".repeat(7), false],
  ];
  for (const [password, good] of passwords) {
    const parse = () => parseBootstrapFile("boot.json", JSON.stringify(user({ password })));
    if (good) parse();
    else assertThrows(parse, ConfigError, "password must have 8 to 128 characters");
  }
});
