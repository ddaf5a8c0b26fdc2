import { assertEquals } from "@std/assert";
import { idInToken, linkToken } from "../../src/authn/link_token.ts";

Deno.test("the id of a link is read from a whole token, and from nothing else", () => {
  const [id, secret] = ["i".repeat(22), "s".repeat(43)];
  assertEquals(idInToken(linkToken(id, secret)), id);
  const others = [
    ["", id, `${id}.`, `.${secret}`, `${id}.${secret} `, ` ${id}.${secret}`, `${id}.${secret}\n`],
    [
      `${id}i.${secret}`,
      `${id.slice(1)}.${secret}`,
      `${id}.${secret}s`,
      `${id}.${secret.slice(1)}`,
    ],
    [`${id}-${secret}`, `${id}.${secret}.${secret}`, `../${id.slice(3)}.${secret}`],
  ].flat();
  for (const other of others) assertEquals(idInToken(other), null, JSON.stringify(other));
});
