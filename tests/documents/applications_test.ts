import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import { anAdminApi } from "../admin/api.ts";
import { type ClientEntry, redirectUriOf } from "../support/clients.ts";
import { signIn, userinfo } from "../support/tokens.ts";

interface Application {
  readonly name: string;
  readonly client: ClientEntry;
  /** The code blocks of its own side. */
  readonly settings: string;
  readonly claims: readonly { claim: string; where: string; value: unknown }[];
}

Deno.test("each ready-made application of docs/clients.md gets what its table says", async () => {
  const found = await applications();
  assertEquals(found.map(({ name }) => name), [
    "Grafana",
    "Gitea",
    "Argo CD",
    "Nextcloud",
    "Kubernetes",
    "oauth2-proxy",
  ]);
  await using api = await anAdminApi({ clients: found.map(({ client }) => client) });
  const { body } = await api.get("/users?username=alice");
  for (const group of ["staff", "app-admins"]) {
    await api.post("/groups", { group });
    await api.call("PUT", `/groups/${group}/members/${body.items[0].id}`);
  }
  for (const { name, client, settings, claims } of found) {
    const parameters = { scope: String(client.scope), redirect_uri: redirectUriOf(client) };
    const tokens = await signIn(api.provider, { client: client.client_id, parameters });
    const told: Record<string, Record<string, unknown>> = {
      "ID token": decodeJwt(tokens.id_token),
      "userinfo": await (await userinfo(api.provider, tokens.access_token)).json(),
    };
    assert(claims.length > 0, name);
    for (const { claim, where, value } of claims) {
      const places = where === "both" ? ["ID token", "userinfo"] : [where];
      for (const place of places) assertEquals(told[place]?.[claim], value, `${name} ${claim}`);
    }
    // Its own side has the same id and secret.
    if (settings === "") continue;
    assert(settings.includes(client.client_id), name);
    if (client.client_secret !== undefined) assert(settings.includes(client.client_secret), name);
  }
});

async function applications(): Promise<Application[]> {
  const page = await Deno.readTextFile(new URL("../../docs/clients.md", import.meta.url));
  const [, after = ""] = page.split("## Ready-made applications\n");
  const [section = ""] = after.split(/^## /m);
  return section.split(/^### /m).slice(1).map((text) => {
    const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)];
    const client = JSON.parse(blocks.find(([, kind]) => kind === "json")?.[2] ?? "");
    const rows = [...text.matchAll(/^\| `(\w+)` +\| ([\w ]+?) +\| `(.+)` +\|$/gm)];
    return {
      name: text.slice(0, text.indexOf("\n")),
      client,
      settings: blocks.filter(([, kind]) => kind !== "json").map(([block]) => block).join("\n"),
      claims: rows.map(([, claim = "", where = "", value = ""]) => ({
        claim,
        where,
        value: JSON.parse(value),
      })),
    };
  });
}
