import { assertEquals } from "@std/assert";
import { resourceOf } from "../../src/grantable/resource_entry.ts";
import { isMeantBy, newNameProblem, sameAmong } from "../../src/grantable/resources.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as resources from "../../stores/resources.ts";
import { aClient } from "../support/clients.ts";
import { aProvider } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const [upper, lower] = ["https://API.example/x", "https://api.example/x"];
const slash = ["https://api.example", "https://api.example/"] as const;

Deno.test("an entry for one of two resources of an earlier release does not open the other", async () => {
  const pairs = [["allow", upper, lower], ["refuse", upper, lower], ["refuse", ...slash]] as const;
  for (const [unregisteredResources, first, second] of pairs) {
    const robot = (id: string, resource: string) =>
      aClient(id, {
        grant_types: ["client_credentials"],
        scope: "read",
        resources: [{ resource, scope: "read" }],
      });
    await using provider = await aProvider({
      clients: [robot("one", first), robot("other", second)],
      config: { unregisteredResources },
    });
    // As release 0.2 let an operator register them.
    await provider.deps.kv.step(systemOrigin, (tx) => {
      for (const resource of [first, second]) {
        const entry = {
          resource,
          scopes: ["read"],
          access_token_format: "opaque" as const,
          introspection_clients: [],
          clients: [],
        };
        resources.create(tx, resourceOf(entry, tx.now));
      }
      return Promise.resolve();
    });
    const ask = async (client: string, resource: string) => {
      const response = await provider.post("/token", {
        grant_type: "client_credentials",
        resource,
        ...provider.credentials(client),
      });
      return response.status === 200 ? (await tokensOf(response)).scope : await answerOf(response);
    };

    assertEquals(await ask("one", first), "read");
    assertEquals(await ask("one", second), "400 invalid_target");
    assertEquals(await ask("other", second), "read");
    assertEquals(await ask("other", first), "400 invalid_target");
  }
});

Deno.test("a registered entry is for a resource by its name, apart from the slash of an empty path", () => {
  const cases: [string, string, boolean][] = [
    [upper, upper, true],
    [upper, lower, false],
    [lower, upper, false],
    ["https://API.example", "https://api.example", false],
    ["https://api.example/", "https://api.example", true],
    ["https://api.example", "https://api.example/", true],
    [`${lower}/`, lower, false],
  ];
  for (const [entry, resource, isFor] of cases) {
    assertEquals(isMeantBy(entry, resource), isFor, `${entry} for ${resource}`);
  }
});

Deno.test("a request means the one that it names of two granted resources that differ in case", () => {
  assertEquals(sameAmong(lower, [upper, lower]), lower);
  assertEquals(sameAmong(lower, [upper]), upper);
  assertEquals(sameAmong(`${lower}/`, [upper, lower]), null);
});

Deno.test("a new resource begins as URL parsers write it", () => {
  const good = [lower, "https://api.example", "https://api.example?x", "urn:example:API"];
  for (const name of [...good, "https://api.example/X", "http://api.example:8080/"]) {
    assertEquals(newNameProblem(name), null, name);
  }
  const wrong = [upper, "HTTPS://api.example/x", "https://api.example:443/x", "https:/api.example"];
  for (const name of [...wrong, "https://api.example\\x", "https://bücher.example"]) {
    assertEquals(typeof newNameProblem(name), "string", name);
  }
});
