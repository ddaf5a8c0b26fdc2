import { connect } from "node:net";
import { type Browser, formOf } from "../support/browser.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { load } from "./load.ts";
import { operations, operator, signedIn } from "./operations.ts";
import type { Target } from "./target.ts";

/** Runs tasks, so many at a time. */
async function atOnce(count: number, limit: number, task: (n: number) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/** Wrong passwords of unknown users, each from an address of its own. */
export async function signIns(server: ServerProcess, count: number) {
  await atOnce(count, 16, async (n) => {
    const headers = { "x-forwarded-for": `198.51.${n >> 8}.${n & 255}` };
    const browser = server.browser();
    const page = await browser.open("/account", { headers });
    const { action, hidden } = formOf(page.body);
    const body = new URLSearchParams({
      ...hidden,
      username: `user${n}`,
      password: "a wrong guess",
    });
    const answer = await browser.send(action, { method: "POST", body, headers });
    await answer.body?.cancel();
    if (answer.status !== 303) throw new Error(`a sign-in was answered ${answer.status}`);
  });
}

/** Users with passwords, as an import by the admin API creates them. */
export async function creates(server: ServerProcess, count: number) {
  const { client_id, client_secret = "" } = operator;
  const response = await fetch(`${server.url}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "latchkey:admin",
      resource: `${server.url}/api/v1`,
      client_id,
      client_secret,
    }),
  });
  const { access_token } = await response.json();
  await atOnce(count, 16, async (n) => {
    const created = await fetch(`${server.url}/api/v1/users`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ username: `created${n}`, password: `a long password ${n}` }),
    });
    await created.body?.cancel();
    if (created.status !== 201) throw new Error(`a create was answered ${created.status}`);
  });
}

/** Clients that send a byte of their body a second. */
export async function slowBodies(server: ServerProcess, count: number, seconds: number) {
  const { hostname, port } = new URL(server.url);
  const head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n" +
    "Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=";
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.on("error", () => {});
    socket.on("data", () => {});
    return socket;
  });
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const socket of sockets) if (socket.writable) socket.write("a");
  }
  for (const socket of sockets) socket.destroy();
}

/** All operations in turn, or those whose names match. */
export async function mixedLoad(target: Target, connections: number, seconds: number, only = /./) {
  const chosen = operations.filter(({ name }) => only.test(name));
  const browsers: Browser[] = [];
  for (let n = 0; n < Math.min(connections, 16); n++) browsers.push(await signedIn(target));
  const loops = await Promise.all(Array.from({ length: connections }, async (_, n) => {
    const browser = browsers[n % browsers.length] ?? target.browser();
    const acts = await Promise.all(chosen.map((operation) => operation.prepare(target, browser)));
    let turn = n;
    return async () => await acts[turn++ % acts.length]?.();
  }));
  await load(loops, seconds);
}
