import { parseArgs } from "node:util";
import { aClient } from "../support/clients.ts";
import { aKvServer } from "../support/denokv.ts";
import { newBrowser } from "../support/browser.ts";
import { findNginx, startNginx } from "../support/nginx.ts";
import { anInstallation, type Installation } from "../support/server_process.ts";
import { readyAtSocket } from "../support/unix_socket.ts";
import { startLoad } from "./restart_load.ts";

const usage = `Replaces server processes behind nginx, one after another, while clients and browsers
use them. No request may fail.

  --restarts N    so many processes are replaced in all (50)
  --processes N   server processes on one KV Connect server (3)
  --minutes N     begin no more restarts after so long`;

async function main(): Promise<boolean> {
  const options = readOptions();
  const binary = findNginx();
  if (binary === null) {
    console.error("NOT PROVED: nginx is not installed (.ci/install_nginx does that)");
    return false;
  }
  await using stack = new AsyncDisposableStack();
  const kv = stack.use(await aKvServer());
  const installation = stack.use(
    await anInstallation({
      clients: [aClient("shop", { grant_types: ["authorization_code", "refresh_token"] }), service],
      users: [person],
      env: { ...kv.env, LATCHKEY_TRUST_PROXY: "1", LATCHKEY_DRAIN_TIME: "1" },
    }),
  );
  const { directory, issuer } = installation;
  const names = Array.from({ length: options.processes }, (_, n) => `${directory}/${n}.sock`);
  const processes = names.map((socket) => spawnAt(installation, socket));
  await Promise.all(names.map(readyAtSocket));
  const port = Number(new URL(issuer).port);
  const nginx = stack.use(await startNginx({ binary, directory, port, sockets: names }));

  const load = await startLoad({
    person,
    send: (path, init) => fetch(new URL(path, issuer), init),
    browser: () => newBrowser((path, init) => fetch(new URL(path, issuer), init), issuer),
  });
  const began = Date.now();
  const end = options.minutes === null ? Infinity : began + options.minutes * 60_000;
  const problems: string[] = [];
  let restarts = 0;
  for (; restarts < options.restarts && Date.now() < end; restarts++) {
    const index = restarts % names.length;
    const [socket, old] = [names[index], processes[index]];
    if (socket === undefined || old === undefined) throw new Error("there is no such process");
    const { code } = await old.kill("SIGTERM");
    if (code !== 0) problems.push(`a process ended with ${code}:\n${old.output().slice(-1000)}`);
    if (/"level":"error"/.test(old.output())) problems.push(old.output().slice(-1000));
    processes[index] = spawnAt(installation, socket);
    await readyAtSocket(socket);
  }
  const { requests, failures } = await load.stop();
  const seconds = (Date.now() - began) / 1000;
  for (const line of [...problems, ...failures].slice(0, 20)) console.error(line);
  if (failures.length > 0) console.error((await nginx.errors()).slice(-2000));
  console.log(
    `${restarts} restarts of ${names.length} processes in ${seconds.toFixed(0)} s: \
${requests} requests, ${failures.length} failed`,
  );
  return problems.length === 0 && failures.length === 0;
}

const person = { username: "robin", password: "every door opens once" };
const service = aClient("service", {
  redirect_uris: [],
  post_logout_redirect_uris: [],
  grant_types: ["client_credentials"],
});

function spawnAt(installation: Installation, socket: string) {
  return installation.spawn({ env: { LATCHKEY_SOCKET: socket } });
}

function readOptions() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      restarts: { type: "string", default: "50" },
      processes: { type: "string", default: "3" },
      minutes: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    Deno.exit(0);
  }
  return {
    restarts: Number(values.restarts),
    processes: Number(values.processes),
    minutes: values.minutes === undefined ? null : Number(values.minutes),
  };
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
