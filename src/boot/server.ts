import type { Timers } from "../../stores/engine/kv.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config_error.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Answers one request; the address is null if it came through a Unix socket. */
export type Answer = (
  request: Request,
  from: { readonly remoteAddress?: string },
) => Response | Promise<Response>;

/** A process that listens for requests. */
export interface Server {
  /**
   * Resolves if no connection can be accepted any more. It is logged, and the exit code is set. Requests that
   * have begun are still answered. Deno hands over no further ones, on any connection.
   */
  readonly failed: Promise<void>;
  /**
   * Stops without failing a request. For `settleTime` milliseconds it still answers while a load balancer
   * notices that this process is unready; then it finishes the requests in flight. A server that has failed
   * begins with that. Afterwards there may be connections that send nothing, which end with the process.
   * @param hurry ends the settle time early
   */
  drain(settleTime: number, hurry: AbortSignal): Promise<void>;
}

interface ServerSurroundings {
  readonly timers: Timers;
  readonly logger: Pick<Logger, "error">;
  /** Once it is aborted, each answer closes its connection. */
  readonly stopping: AbortSignal;
}

/**
 * Listens at the configured port or Unix socket.
 * @throws {ConfigError} if the process cannot listen there
 */
export async function listen(
  config: Config,
  answer: Answer,
  { timers, logger, stopping }: ServerSurroundings,
): Promise<Server> {
  const inFlight = requestsInFlight();
  const { socket } = config;
  const server = socket === null ? atPort(config, handle) : await atSocket(socket, handle);
  let hasFailed = false;
  // Deno stops listening at the first connection that it has no file descriptor for. Nothing can be
  // opened then, so another process has to go on.
  const failed = server.finished.then(() => new Promise<void>(() => {}), (error) => {
    hasFailed = true;
    Deno.exitCode = 1;
    logger.error(
      "no connection can be accepted any more, and the process ends: if too many files are open, raise \
its limit of open files, and limit the connections at the proxy",
      { error },
    );
  });
  return {
    failed,
    async drain(settleTime, hurry) {
      if (!hasFailed) {
        // New connections cannot find a socket without a name; its existing connections are served to their
        // end.
        if (socket !== null) await Deno.remove(socket);
        await timers.sleep(settleTime, hurry);
      }
      // Deno's own shutdown breaks off request bodies that are still arriving, so wait a few seconds before.
      await atMost(longestWait, inFlight.none(), timers);
      // That of Deno 2.5 also waits for each connection that never sent a request, which anybody can open.
      await atMost(longestWait, server.shutdown(), timers);
    },
  };

  async function handle(
    request: Request,
    { remoteAddr }: Deno.ServeHandlerInfo,
  ): Promise<Response> {
    const from = remoteAddr.transport === "tcp" ? { remoteAddress: remoteAddr.hostname } : {};
    inFlight.begin();
    try {
      const response = await answer(request, from);
      return stopping.aborted ? lastOfItsConnection(response) : response;
    } finally {
      inFlight.end();
    }
  }
}

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>;

function atPort({ host, port }: Config, handler: Handler) {
  try {
    return Deno.serve({ hostname: host, port, ...options }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new ConfigError(
        "PORT",
        `${port} is taken: stop what listens there, or set another one`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new ConfigError(
        "PORT",
        `${port} is not allowed to this user: set one from 1024 on, with a proxy in front`,
      );
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new ConfigError(
        "LATCHKEY_HOST",
        `is ${host}, and port ${port} there is not permitted: add ${host}:${port} to --allow-net`,
      );
    }
    throw new ConfigError(
      "LATCHKEY_HOST",
      `is ${host}, which is no address of this machine (${
        reasonOf(error)
      }): name one, or 0.0.0.0 for all`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}

/**
 * Deno up to 2.5 compresses text by default, later versions only with this option. Compression weakens
 * ETags.
 */
const options = { automaticCompression: true, onListen() {} };

async function atSocket(path: string, handler: Handler) {
  if (await isListening(path)) {
    throw new ConfigError(
      "LATCHKEY_SOCKET",
      `${path} is taken: stop the process that listens there`,
    );
  }
  // When Deno stops listening, it removes the path that it bound, and by then another process may use that
  // path. So each process binds its own path and renames it. The rename also replaces the socket of a
  // killed process.
  const own = `${path}.${Deno.pid}`;
  try {
    const server = Deno.serve({ path: own, ...options }, handler);
    await Deno.rename(own, path);
    return server;
  } catch (error) {
    const remedy = error instanceof Deno.errors.NotCapable
      ? "start the process with --allow-read and --allow-write for its folder, such as /run/latchkey"
      : "make its folder, let the server's user write there, and keep the path below 90 characters";
    throw new ConfigError(
      "LATCHKEY_SOCKET",
      `${path} cannot be listened at (${reasonOf(error)}): ${remedy}`,
    );
  }
}

async function isListening(path: string): Promise<boolean> {
  const found = await Deno.lstat(path).catch(() => null);
  if (found === null) return false;
  if (!found.isSocket) {
    throw new ConfigError("LATCHKEY_SOCKET", `${path} is a file: name a path that is free`);
  }
  return await Deno.connect({ transport: "unix", path }).then(
    (connection) => (connection.close(), true),
    () => false,
  );
}

/** A proxy that kept the connection would send the next request to a process that has ended. */
function lastOfItsConnection(response: Response): Response {
  const last = new Response(response.body, response);
  last.headers.set("Connection", "close");
  return last;
}

/** Milliseconds for each part of the end. */
const longestWait = 5000;

async function atMost(milliseconds: number, work: Promise<void>, timers: Timers) {
  const done = new AbortController();
  await Promise.race([work.finally(() => done.abort()), timers.sleep(milliseconds, done.signal)]);
}

/** Counts the requests that are not answered yet. */
function requestsInFlight() {
  let count = 0;
  let none = Promise.withResolvers<void>();
  none.resolve();
  return {
    begin() {
      if (count === 0) none = Promise.withResolvers<void>();
      count += 1;
    },
    end() {
      count -= 1;
      if (count === 0) none.resolve();
    },
    /** Resolves when all that are in flight have been answered, and those that arrive meanwhile. */
    none: () => none.promise,
  };
}
