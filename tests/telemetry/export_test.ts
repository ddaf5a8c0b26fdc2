import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { aClient } from "../support/clients.ts";
import { aCollector } from "../support/otlp.ts";
import { anInstallation, type ServerProcess } from "../support/server_process.ts";

function token({ url }: ServerProcess, client_secret: string): Promise<Response> {
  const form = { grant_type: "client_credentials", client_id: "shop", client_secret };
  return fetch(`${url}/token`, { method: "POST", body: new URLSearchParams(form) });
}

async function discard(answer: Promise<Response>) {
  await (await answer).body?.cancel();
}

Deno.test("with OTEL_DENO=true a server exports its spans, counters and log lines", async () => {
  await using collector = aCollector();
  const shop = aClient("shop", { grant_types: ["client_credentials"], redirect_uris: [] });
  await using installation = await anInstallation({ clients: [shop], env: collector.env });
  const server = await installation.start();
  const answers = [await token(server, shop.client_secret ?? ""), await token(server, "wrong")];
  assertEquals(answers.map(({ status }) => status), [200, 401]);
  const [requestId] = answers.map(({ headers }) => headers.get("x-request-id"));
  await Promise.all(answers.map(({ body }) => body?.cancel()));
  await discard(fetch(`${server.url}/password-reset/confirm?token=none`));

  const { exported } = collector;
  await collector.until("the counter", ({ sums }) => sums.get("latchkey.tokens") === 1);
  await collector.until(
    "the spans",
    ({ spans }) => spans.some(({ name }) => name === "GET /password-reset/confirm"),
  );
  await collector.until("the log", ({ logs }) => logs.some((line) => line.includes("listening")));
  const request = exported.spans.find(({ attributes }) =>
    attributes["latchkey.request_id"] === requestId
  );
  assertEquals([request?.name, request?.attributes["http.route"]], ["POST /token", "/token"]);
  const step = exported.spans.find(({ name, traceId, attributes }) =>
    name === "step" && traceId === request?.traceId &&
    JSON.stringify(attributes).includes("token_issued")
  );
  assert(step, "the request's step is in its trace");
  const entry = JSON.parse(exported.logs.find((line) => line.includes("listening")) ?? "");
  assertEquals(entry.level, "info");
});

Deno.test("a secret leaves the process only in the URL of Deno's own spans", async () => {
  await using collector = aCollector();
  const shop = aClient("shop", { grant_types: ["client_credentials"], redirect_uris: [] });
  const env = { ...collector.env, LATCHKEY_LOG_LEVEL: "debug" };
  await using installation = await anInstallation({ clients: [shop], env });
  const server = await installation.start();
  const link = "S".repeat(43);
  const secrets = [link, shop.client_secret ?? "", "wrong secret"];
  await discard(fetch(`${server.url}/password-reset/confirm?token=${link}`));
  for (const client_secret of [shop.client_secret ?? "", "wrong secret"]) {
    const answer = await token(server, client_secret);
    const { access_token } = await answer.json();
    if (access_token) secrets.push(access_token);
  }
  await collector.until(
    "the spans",
    ({ spans }) =>
      ["GET /password-reset/confirm", "POST /token"].every((name) =>
        spans.some((span) => span.name === name)
      ),
  );
  await collector.until("the log", ({ logs }) => logs.some((line) => line.includes("refused")));

  assertEquals(secrets.length, 4);
  // What the collector of docs/operating.md drops.
  const rest = collector.exported.texts.join("\n")
    .replaceAll(/\{\s*"key": "url\.(full|query)",\s*"value": \{[^}]*\}\s*\}/g, "");
  assertStringIncludes(rest, "/password-reset/confirm");
  for (const secret of secrets) assert(!rest.includes(secret), `${secret} was exported`);
});
