import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { responseTypes } from "../../stores/response_types.ts";
import { carriesTokens, holds, responseTypeOf } from "../../src/protocol/response_type.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { signIn } from "../support/tokens.ts";

const word = fc.constantFrom("code", "token", "id_token", "none", "", "Code");

Deno.test("a response type is known in any order of its words, and nothing else is one", () => {
  fc.assert(
    fc.property(fc.constantFrom(...responseTypes), fc.infiniteStream(fc.nat()), (type, keys) => {
      const order = type.split(" ").map((name) => [keys.next().value, name] as const);
      const shuffled = order.toSorted(([a], [b]) => a - b).map(([, name]) => name).join(" ");
      assertEquals(responseTypeOf(shuffled), type);
      assertEquals(carriesTokens(shuffled), holds(type, "token") || holds(type, "id_token"));
    }),
  );
  const any = fc.oneof(fc.array(word).map((words) => words.join(" ")), fc.string());
  fc.assert(fc.property(any, (text) => {
    const found = responseTypeOf(text);
    if (found === null) return;
    assertEquals(text.split(" ").toSorted(), found.split(" ").toSorted());
    // A type that carries tokens is never taken for one that may go into a query.
    assertEquals(carriesTokens(text), found !== "code");
  }));
});

Deno.test("any Accept header gets JSON or a signed introspection, as its type says", async () => {
  await using provider = await aProvider({ clients: [aClient("shop", { skip_consent: true })] });
  const { access_token } = await signIn(provider);
  const type = fc.constantFrom(
    "application/token-introspection+jwt",
    "application/json",
    "*/*",
    "x",
  );
  const accept = fc.array(fc.tuple(type, fc.constantFrom("", ";q=0", ";q=0.5", ";q=0.000", ";;=")))
    .map((parts) => parts.map((part) => part.join("")).join(", "));
  await fc.assert(
    fc.asyncProperty(accept, async (header) => {
      const form = { token: access_token, ...provider.credentials() };
      const answer = await provider.post("/introspect", form, { accept: header });
      const found = answer.headers.get("content-type") ?? "";
      const text = await answer.text();
      assertEquals(answer.status, 200);
      if (found === "application/json") assertEquals(JSON.parse(text).active, true);
      else {
        assertEquals(found, "application/token-introspection+jwt");
        assert(header.includes(found) && text.split(".").length === 3, header);
      }
    }),
    { numRuns: 40 },
  );
});
