import { assertEquals, assertStringIncludes } from "@std/assert";
import { signingAlgorithms, usable } from "../../stores/provider.ts";
import { Refused, resourceServer } from "../../examples/resource_server/resource_server.ts";
import { aClient } from "../support/clients.ts";
import { aDpopKey, type ProofRequest } from "../support/dpop.ts";
import { aProvider, issuer, type TestProvider } from "../support/provider.ts";
import { answerOf, tokensOf } from "../support/tokens.ts";

const notes = "https://notes.example/api";
const other = "https://other.example/api";
const scopes = ["notes:read", "notes:write"];
const clients = [
  aClient("robot", { grant_types: ["client_credentials"], scope: "openid notes:read notes:write" }),
  aClient("notes", { grant_types: [], redirect_uris: [] }),
];

async function aNotesServer(format: "jwt" | "opaque", { nonces = false } = {}) {
  const details = { scopes, access_token_format: format, introspection_clients: ["notes"] };
  const provider = await aProvider({
    clients,
    resources: [notes, other].map((resource) => ({ resource, ...details })),
  });
  const server = resourceServer({
    issuer,
    resource: notes,
    scopes,
    nonces,
    introspection: { clientId: "notes", clientSecret: "the secret of notes" },
    fetch: (url, init) => provider.request(new URL(url).pathname, init),
    now: () => provider.clock.seconds(),
  });
  /** The status and error of a request that needs notes:read. */
  const ask = async (authorization: string | null, dpop?: string, method = "GET") => {
    const headers = new Headers();
    if (authorization !== null) headers.set("authorization", authorization);
    if (dpop !== undefined) headers.set("dpop", dpop);
    try {
      const request = new Request(`https://evil.example/api?page=2`, { headers, method });
      return (await server.access(request, ["notes:read"])).clientId;
    } catch (error) {
      if (error instanceof Refused) return await answerOf(error.response);
      throw error;
    }
  };
  return { provider, server, ask };
}

async function token(
  provider: TestProvider,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<string> {
  const form = { grant_type: "client_credentials", resource: notes, ...parameters };
  const sent = { ...form, ...provider.credentials("robot") };
  return (await tokensOf(await provider.post("/token", sent, headers))).access_token;
}

const invalid = "401 invalid_token";

Deno.test("the example lets a token in that is for it, and no other, JWT or opaque", async () => {
  for (const format of ["jwt", "opaque"] as const) {
    const { provider, ask } = await aNotesServer(format);
    await using _ = provider;
    const good = await token(provider);
    const revoked = await token(provider);
    await provider.post("/revoke", { token: revoked, ...provider.credentials("robot") });
    const cases: [string | null, string][] = [
      [`Bearer ${good}`, "robot"],
      [`bearer ${good}`, "robot"],
      [`Bearer ${await token(provider, { scope: "notes:write" })}`, "403 insufficient_scope"],
      [`Bearer ${await token(provider, { resource: other })}`, invalid],
      [`Bearer ${await token(provider, { scope: "notes:read" })}x`, invalid],
      // A JWT that is verified without asking is good until its end.
      [`Bearer ${revoked}`, format === "jwt" ? "robot" : invalid],
      [null, invalid],
      ["Basic YTpi", invalid],
      [`Bearer ${good} ${good}`, invalid],
      [`DPoP ${good}`, invalid],
      ["Bearer at_unknown.unknown", invalid],
    ];
    for (const [authorization, expected] of cases) {
      assertEquals([authorization, await ask(authorization)], [authorization, expected]);
    }
    if (format === "jwt") {
      const [header = "", payload = ""] = good.split(".");
      const none = btoa(JSON.stringify({ alg: "none", typ: "at+jwt" })).replaceAll("=", "");
      assertEquals(await ask(`Bearer ${none}.${payload}.`), invalid);
      assertEquals(await ask(`Bearer ${header}.${payload}.`), invalid);
    }
    provider.clock.advance(3600);
    assertEquals(await ask(`Bearer ${good}`), invalid);
  }
});

Deno.test("the example's refusals lead a client to its metadata, and to Latchkey", async () => {
  const { provider, server } = await aNotesServer("jwt");
  await using _ = provider;
  const refusal = async (init: RequestInit, needed: readonly string[] = []) => {
    const refused = await server.access(new Request(notes, init), needed).catch((error) => error);
    return refused.response.headers.get("www-authenticate");
  };
  const metadata = `resource_metadata="https://notes.example${server.metadataPath}"`;
  const algs = `algs="${signingAlgorithms.join(" ")}"`;
  assertEquals(await refusal({}), `Bearer ${metadata}, DPoP ${algs}, ${metadata}`);
  const authorization = `Bearer ${await token(provider, { scope: "notes:read" })}`;
  assertEquals(
    await refusal({ headers: { authorization } }, ["notes:write"]),
    `Bearer error="insufficient_scope", scope="notes:read notes:write", ${metadata}`,
  );
  assertEquals(server.metadataPath, "/.well-known/oauth-protected-resource/api");
  const { headers } = server.metadata();
  assertEquals(headers.get("access-control-allow-origin"), "*");
  const { resource, authorization_servers, scopes_supported } = await server.metadata().json();
  assertEquals([resource, authorization_servers, scopes_supported], [notes, [issuer], scopes]);
});

Deno.test("the example takes proofs by each algorithm that Latchkey takes", async () => {
  const { provider, ask } = await aNotesServer("opaque");
  await using _ = provider;
  for (const alg of usable(signingAlgorithms)) {
    const key = await aDpopKey(provider, alg);
    const bound = await token(provider, {}, { dpop: await key.proof({ path: "/token" }) });
    const request = { method: "GET", path: "", accessToken: bound, claims: { htu: notes } };
    assertEquals([alg, await ask(`DPoP ${bound}`, await key.proof(request))], [alg, "robot"]);
  }
});

Deno.test("the example takes a bound token with one fresh proof of its key, and nothing else", async () => {
  for (const format of ["jwt", "opaque"] as const) {
    const { provider, server, ask } = await aNotesServer(format, { nonces: true });
    await using _ = provider;
    const [key, thief] = [await aDpopKey(provider), await aDpopKey(provider)];
    const bound = await token(provider, {}, { dpop: await key.proof({ path: "/token" }) });
    const plain = await token(provider);
    const learned = async () => {
      const headers = { authorization: `DPoP ${bound}`, dpop: await proof({ nonce: "" }) };
      const refused = await server.access(new Request(notes, { headers }), []).catch((e) => e);
      assertStringIncludes(refused.message, 'error="use_dpop_nonce"');
      return refused.response.headers.get("dpop-nonce") as string;
    };
    const proof = (request: Partial<ProofRequest> = {}, by = key) =>
      by.proof({
        method: "GET",
        path: "",
        accessToken: bound,
        ...request,
        claims: { htu: notes, ...request.claims },
      });
    const nonce = await learned();
    const once = await proof({ nonce });
    const wrong = "401 invalid_dpop_proof";
    const now = provider.clock.seconds();
    const ahead = { iat: now + 60, nbf: now + 60, exp: now + 90 };
    const slow = { iat: now - 60, nbf: now - 60, exp: now - 59 };
    const ended = { exp: now - 60 };
    const cases: [name: string, outcome: Promise<string>, expected: string][] = [
      ["a good proof", ask(`DPoP ${bound}`, once), "robot"],
      ["no proof", ask(`DPoP ${bound}`), wrong],
      ["as a bearer token", ask(`Bearer ${bound}`, await proof({ nonce })), invalid],
      ["a token without a key", ask(`DPoP ${plain}`, await proof({ nonce })), invalid],
      ["another key", ask(`DPoP ${bound}`, await proof({ nonce }, thief)), invalid],
      ["another method", ask(`DPoP ${bound}`, await proof({ nonce, method: "POST" })), wrong],
      ["another URL", ask(`DPoP ${bound}`, await proof({ nonce, claims: { htu: other } })), wrong],
      ["another token", ask(`DPoP ${bound}`, await proof({ nonce, accessToken: plain })), wrong],
      ["too old", ask(`DPoP ${bound}`, await proof({ nonce, claims: { iat: now - 61 } })), wrong],
      ["too early", ask(`DPoP ${bound}`, await proof({ nonce, claims: { iat: now + 61 } })), wrong],
      [
        "a clock that is ahead",
        ask(`DPoP ${bound}`, await proof({ nonce, claims: ahead })),
        "robot",
      ],
      ["a clock that is slow", ask(`DPoP ${bound}`, await proof({ nonce, claims: slow })), "robot"],
      ["an end long ago", ask(`DPoP ${bound}`, await proof({ nonce, claims: ended })), wrong],
      ["another typ", ask(`DPoP ${bound}`, await proof({ nonce, header: { typ: "jwt" } })), wrong],
      ["another nonce", ask(`DPoP ${bound}`, await proof({ nonce: "x" })), "401 use_dpop_nonce"],
    ];
    for (const [name, outcome, expected] of cases) {
      assertEquals([name, await outcome], [name, expected]);
    }
    assertEquals(await ask(`DPoP ${bound}`, once), wrong);
    const raced = await proof({ nonce });
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => ask(`DPoP ${bound}`, raced)),
    );
    assertEquals(outcomes.filter((outcome) => outcome === "robot").length, 1);

    provider.clock.advance(300);
    assertEquals(await learned() === nonce, false);
    assertEquals(await ask(`DPoP ${bound}`, await proof({ nonce })), "robot");
    provider.clock.advance(301);
    assertEquals(await ask(`DPoP ${bound}`, await proof({ nonce })), "401 use_dpop_nonce");
  }
});
