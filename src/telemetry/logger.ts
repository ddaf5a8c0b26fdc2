import type { AsyncLocalStorage } from "node:async_hooks";
import { redacted } from "./redaction.ts";

/** Reports to the operator. A message never holds a secret. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Logs to the console, one line for each entry: debug and info to standard output, the others to standard
 * error. It never throws: a request must not fail because the disk of the log is full. The line after the
 * lost ones tells how many they were.
 * @param lowest the least important level that is written
 * @param format `json` for machines, `text` for people at a terminal
 */
export function consoleLogger(lowest: LogLevel, format: "json" | "text"): Logger {
  const line = format === "json" ? jsonLine : textLine;
  let lost = 0;
  const write = (level: LogLevel) => (message: string, fields: Record<string, unknown> = {}) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(lowest)) return;
    const time = new Date().toISOString();
    const request = currentRequest();
    const known = request === undefined ? {} : { requestId: request.requestId };
    try {
      if (lost > 0) put("warn", line({ time, level: "warn", message: linesLost }, { lines: lost }));
      lost = 0;
      put(level, line({ time, level, message }, redacted({ ...known, ...fields })));
    } catch {
      lost += 1;
    }
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

const linesLost = "lines of the log could not be written before this one";

function put(level: LogLevel, line: string) {
  // "%s" stops the console from treating a message as a format string.
  console[level]("%s", line);
}

/** What is known of a request wherever its work runs. Others may keep more there than the logger needs. */
export interface RequestContext {
  readonly requestId: string;
}

// One for the whole server: each further one costs every request some microseconds.
let requests: AsyncLocalStorage<RequestContext> | null = null;

/** Adds the request's id to every line that `work` logs, also in its background work. */
export function withRequest<T>(request: RequestContext, work: () => T): T {
  return (requests ?? loadContexts()).run(request, work);
}

/** The context of the request whose work this is; undefined: it is nobody's. */
export function currentRequest(): RequestContext | undefined {
  return requests?.getStore();
}

/** Loads what contexts are made of, which takes a fifth of the time in which a bare server starts. */
export function loadContexts(): AsyncLocalStorage<RequestContext> {
  const { AsyncLocalStorage } = globalThis.process.getBuiltinModule("node:async_hooks");
  return requests ??= new AsyncLocalStorage();
}

export function areContextsLoaded(): boolean {
  return requests !== null;
}

interface Entry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
}

// The fields are a separate object, so that none can overwrite the level or the time.
function jsonLine(entry: Entry, fields: Record<string, unknown>): string {
  return JSON.stringify(Object.keys(fields).length === 0 ? entry : { ...entry, fields });
}

/** The message stands without its fields: a field inside the message would bypass the redaction. */
function textLine({ time, level, message }: Entry, fields: Record<string, unknown>): string {
  const parts = [time, level.toUpperCase().padEnd(5), oneLine(message)];
  for (const [key, value] of Object.entries(fields)) {
    parts.push(`${oneLine(key)}=${JSON.stringify(value)}`);
  }
  return parts.join(" ");
}

/** A line break or a terminal's escape sequence in a message could fake a separate entry. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}
