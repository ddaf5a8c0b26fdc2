/** nginx in front of several processes. */
export interface Nginx extends AsyncDisposable {
  /** Its log of requests that it could not forward. */
  errors(): Promise<string>;
}

/** Finds nginx where packages put it; null if it is not installed. */
export function findNginx(): string | null {
  const directories = (Deno.env.get("PATH") ?? "").split(":").filter((name) => name !== "");
  const candidates = [...directories, "/usr/sbin", "/usr/local/sbin"];
  return candidates.map((directory) => `${directory}/nginx`).find(isFile) ?? null;
}

/** Starts nginx as docs/several-processes.md sets it up, without TLS, in a directory of its own. */
export async function startNginx(
  { binary, directory, port, sockets, block }: {
    readonly binary: string;
    readonly directory: string;
    readonly port: number;
    readonly sockets: readonly string[];
    /** Another server block than that of docs/several-processes.md. */
    readonly block?: string;
  },
): Promise<Nginx> {
  const errorLog = `${directory}/nginx_error.log`;
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    configuration(directory, sockets, block ?? usualBlock(port)),
  );
  const child = new Deno.Command(binary, {
    args: ["-p", directory, "-c", `${directory}/nginx.conf`, "-e", errorLog],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const errors = () => Deno.readTextFile(errorLog).catch(() => "");
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  while (!hasEnded && !(await isListening(port))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (hasEnded) throw new Error(`nginx did not start:\n${await errors()}`);
  return {
    errors,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

function configuration(directory: string, sockets: readonly string[], block: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/nginx_${name};`).join("\n  ");
  // Its workers are of another user than root otherwise, who may not look into the directory.
  const user = Deno.uid() === 0 ? "user root;" : "";
  return `${user}
worker_processes 1;
daemon off;
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary}
  upstream latchkey {
    ${sockets.map((path) => `server unix:${path} max_fails=0;`).join("\n    ")}
    keepalive 32;
  }
  ${block}
}
`;
}

function usualBlock(port: number): string {
  return `server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://latchkey;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_read_timeout 30s;
    }
  }`;
}

async function isListening(port: number): Promise<boolean> {
  return await Deno.connect({ hostname: "127.0.0.1", port }).then(
    (connection) => (connection.close(), true),
    () => false,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
