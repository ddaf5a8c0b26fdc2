import type { Browser } from "../support/browser.ts";
import type { ServerProcess } from "../support/server_process.ts";

/** The target of the load: a server process, or the app in this process. */
export interface Target {
  readonly issuer: string;
  /** Its time, in epoch seconds. */
  now(): number;
  send(path: string, init?: RequestInit): Promise<Response>;
  browser(): Browser;
}

/** A server process. */
export function targetOf(issuer: string, server: ServerProcess): Target {
  return {
    issuer,
    now: () => Math.floor(Date.now() / 1000),
    send: (path, init) => fetch(server.url + path, init),
    browser: server.browser,
  };
}
