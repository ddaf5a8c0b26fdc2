import { assertEquals } from "@std/assert";
import { anInstallation } from "../support/server_process.ts";

Deno.test("the first requests of a process are counted for their address, of any form", async () => {
  await using installation = await anInstallation({
    env: {
      LATCHKEY_RATE_LIMITS: "on",
      LATCHKEY_RATE_LIMIT_ROUTE: "1/60",
      LATCHKEY_TRUST_PROXY: "1",
    },
  });
  const [first, ...others]: [string, number][] = [
    ["2001:db8:1:2::1", 200],
    ["[2001:db8:1:2:3::1]:443", 429],
    ["2001:db8:1:3::1", 200],
    ["::ffff:203.0.113.7", 200],
    ["203.0.113.7", 429],
    ["203.0.113.8", 200],
  ];
  const server = installation.spawn();
  const ask = async ([address]: [string, number]) => {
    const headers = { "x-forwarded-for": address };
    const response = await fetch(`${server.url}/.well-known/openid-configuration`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  let status: number | null = null;
  while (status === null) {
    status = await ask(first!).catch(() => null);
    if (status === null) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const statuses = [status];
  for (const request of others) statuses.push(await ask(request));
  assertEquals(statuses, [first!, ...others].map(([, expected]) => expected));
});
