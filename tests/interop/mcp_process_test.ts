import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { aClient, aPublicClient } from "../support/clients.ts";
import { anInstallation, freePort } from "../support/server_process.ts";
import { person } from "./journey.ts";
import { anMcpApp, anMcpServer, gateway, mcpResource } from "./mcp.ts";

const root = new URL("../../", import.meta.url);

Deno.test("a server process is what the MCP SDK and the conformance suite of MCP expect", async (t) => {
  const [mcpPort, callbackPort] = [freePort(), freePort()];
  const resource = `http://127.0.0.1:${mcpPort}/mcp`;
  const inspector = aPublicClient("inspector", {
    profile: "mcp",
    application_type: "native",
    redirect_uris: [`http://127.0.0.1:${callbackPort}/callback`],
    scope: "tools:read",
  });
  const introspector = aClient(gateway.clientId, { grant_types: [], redirect_uris: [] });
  await using installation = await anInstallation({
    users: [person],
    clients: [inspector, introspector],
    resources: [mcpResource(resource)],
    env: {
      LATCHKEY_REGISTRATION: "open",
      LATCHKEY_REGISTRATION_SCOPES: "tools:read tools:write",
      LATCHKEY_CLIENT_ID_DOCUMENTS: "open",
    },
  });
  const { issuer } = installation;
  const server = await installation.start();
  const visit = (url: URL | undefined) =>
    server.browser().signInAndAllow(`${url?.pathname}${url?.search}`, person);

  await t.step("the SDK registers an app, which then uses its MCP server", async () => {
    const mcp = anMcpServer({ issuer, resource, net: fetch });
    await using _ = Deno.serve({ port: mcpPort, hostname: "127.0.0.1", onListen() {} }, mcp);
    const app = anMcpApp(resource, fetch);
    await assertRejects(() => app.tools(), UnauthorizedError);
    await app.finish(await visit(app.kept.sentTo));
    assertEquals(await app.tools(), ["read", "write"]);
  });

  await t.step("the conformance suite finds nothing wrong", async () => {
    const options = { url: issuer, resource, port: String(callbackPort), "client-id": "inspector" };
    await using suite = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--frozen", "--lock=tests/deno.lock", "-A"],
        ...["tests/packages/mcp_conformance.ts", "authorization", "--verbose"],
        ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      cwd: root,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let output = "";
    let isVisited = false;
    for await (const text of suite.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      const [url] = /http:\S+\/authorize\?\S+(?=\n)/.exec(output) ?? [];
      if (url === undefined || isVisited) continue;
      isVisited = true;
      const response = await fetch(await visit(new URL(url)));
      await response.body?.cancel();
    }
    const errors = await suite.stderr.text();
    assertEquals((await suite.status).code, 0, output + errors);
    assertStringIncludes(output, "Total: 3 passed, 0 failed");
    assertEquals(/warning/i.test(output), false, output);
  });
});
