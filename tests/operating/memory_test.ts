import { isOlderDeno } from "../support/newer_deno.ts";
import { assert, assertEquals } from "@std/assert";
import { formOf, newBrowser } from "../support/browser.ts";
import { aClient, redirectUriOf } from "../support/clients.ts";
import { codeChallenge } from "../support/provider.ts";
import { freePort } from "../support/server_process.ts";

const root = new URL("../../", import.meta.url);
// Megabytes. Deno 2.5 has no argon2 of its own: threads with WebAssembly need more.
const most = isOlderDeno ? 500 : 300;
const atOnce = 200;
const client = aClient("shop");

/** `deno task start` on a store in memory, as an operator runs it. */
async function startTask() {
  const directory = await Deno.makeTempDir({ prefix: "latchkey-memory-" });
  const bootstrapFile = `${root.pathname}.latchkey/memory-${crypto.randomUUID()}.json`;
  await Deno.mkdir(new URL(".latchkey", root), { recursive: true });
  await Deno.writeTextFile(bootstrapFile, JSON.stringify({ clients: [client] }));
  const port = freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start"],
    cwd: root,
    env: {
      LATCHKEY_ENV: "production",
      LATCHKEY_ISSUER: issuer,
      LATCHKEY_HOST: "127.0.0.1",
      LATCHKEY_MASTER_KEY: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
      LATCHKEY_KV: ":memory:",
      LATCHKEY_BOOTSTRAP: bootstrapFile,
      LATCHKEY_TRUST_PROXY: "1",
      LATCHKEY_DRAIN_TIME: "0",
      PORT: String(port),
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(`${issuer}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    issuer,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      for (const pid of await descendants(child.pid)) Deno.kill(pid, "SIGTERM");
      await child.status;
      await Deno.remove(bootstrapFile);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** A process and those that it started. */
async function descendants(pid: number): Promise<number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const pids = children.trim().split(" ").filter((text) => text !== "").map(Number);
  const all = [];
  for (const child of pids) all.push(...await descendants(child));
  return [...all, pid];
}

/** Megabytes: the most that any process of the task has had in memory so far. */
async function peak(pid: number): Promise<number> {
  const peaks = [];
  for (const one of await descendants(pid)) {
    const status = await Deno.readTextFile(`/proc/${one}/status`).catch(() => "");
    peaks.push(Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
  }
  return Math.max(...peaks);
}

// Takes some 6 seconds on two idle cores: a process starts, and 130 passwords are hashed at full cost.
Deno.test({
  name: "after 200 sign-ins at once the server uses less than 300 MB, and each is answered",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using task = await startTask();
    const query = new URLSearchParams({
      response_type: "code",
      client_id: "shop",
      redirect_uri: redirectUriOf(client),
      scope: "openid",
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
    });
    const pages = await Promise.all(Array.from({ length: atOnce }, async (_, n) => {
      const address = `198.51.100.${n}`;
      const browser = newBrowser((path, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set("x-forwarded-for", address);
        return fetch(new URL(path, task.issuer), { ...init, headers });
      }, task.issuer);
      return { browser, page: await browser.open(`/authorize?${query}`) };
    }));
    const answers = await Promise.all(pages.map(async ({ browser, page }, n) => {
      const { action, hidden } = formOf(page.body);
      const body = new URLSearchParams({ ...hidden, username: `user${n}`, password: "guess" });
      const answer = await browser.send(action, { method: "POST", body });
      await answer.body?.cancel();
      if (answer.status === 503) assert(Number(answer.headers.get("retry-after")) > 0);
      return answer.status;
    }));
    // A wrong password leads back to the page, which says so.
    const verified = answers.filter((status) => status === 303).length;
    const turnedAway = answers.filter((status) => status === 503).length;
    assertEquals(verified + turnedAway, atOnce);
    assert(verified >= 64, `${verified} were verified`);
    const megabytes = await peak(task.pid);
    assert(megabytes > 50, "the server was not found");
    assert(megabytes < most, `the server had ${Math.round(megabytes)} MB`);
  },
});
