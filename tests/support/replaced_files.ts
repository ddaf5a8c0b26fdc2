import { assertEquals } from "@std/assert";
import type { ClientEntry } from "./clients.ts";
import type { ServerProcess } from "./server_process.ts";

/**
 * Moves the files of a process away once it has read all of its code, and has it run what nothing has imported
 * before.
 *
 * @param server logs at the level debug
 * @param client has no right to the grant that it asks for
 */
export async function assertGoesOnWithout(
  folder: string,
  moved: string,
  server: ServerProcess,
  client: ClientEntry,
) {
  while (!server.output().includes("all code is read")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await Deno.rename(folder, moved);
  const answer = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: "none",
      client_id: client.client_id,
      client_secret: client.client_secret ?? "",
    }),
  });
  assertEquals([answer.status, (await answer.json()).error], [400, "unauthorized_client"]);
}
