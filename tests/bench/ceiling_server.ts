import { generateKeyPair } from "jose";
import { openLocalFile } from "../../stores/engine/local_file.ts";

/**
 * The least that a server can do for an operation: `POST /ALGORITHM/KEYS` makes one signature (or `none`)
 * and commits so many new keys to a SQLite file, together with other requests, as the store engine does.
 * Arguments: a port and the path of the file.
 */
const [port, path = ""] = Deno.args;
const store = await openLocalFile(path);
const keys = {
  ES256: (await generateKeyPair("ES256")).privateKey,
  RS256: (await generateKeyPair("RS256")).privateKey,
};
const algorithms = {
  ES256: { name: "ECDSA", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5" },
};
const record = { text: "x".repeat(300) };
const input = new TextEncoder().encode("x".repeat(600));
const answer = JSON.stringify({ access_token: "x".repeat(70), token_type: "Bearer" });
const headers = { "content-type": "application/json" };
let written = 0;

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen() {} }, async (request) => {
  const [, algorithm, count] = new URL(request.url).pathname.split("/");
  await request.bytes();
  if (algorithm === "ES256" || algorithm === "RS256") {
    await crypto.subtle.sign(algorithms[algorithm], keys[algorithm], input);
  }
  const mutations = Array.from({ length: Number(count) }, () => ({
    type: "set" as const,
    key: ["bench", ++written],
    value: record,
    expireIn: 3_600_000,
  }));
  if (mutations.length > 0) await store.commit({ checks: [], mutations });
  return new Response(answer, { headers });
});
