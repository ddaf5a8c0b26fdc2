import { AsyncLocalStorage } from "node:async_hooks";
import { configureSync, getConsoleSink, getLogger, type LogRecord } from "@logtape/logtape";
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
 * error. A process has one such logger; a new one replaces it.
 * @param level the least important level that is written
 * @param format `json` for machines, `text` for people at a terminal
 */
export function consoleLogger(level: LogLevel, format: "json" | "text"): Logger {
  const line = format === "json" ? jsonLine : textLine;
  configureSync({
    reset: true,
    // "%s" stops the console from treating a message as a format string.
    sinks: { console: getConsoleSink({ formatter: (record) => ["%s", line(record)] }) },
    loggers: [
      { category, lowestLevel: level === "warn" ? "warning" : level, sinks: ["console"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["console"] },
    ],
    contextLocalStorage: fieldsOfRequest,
  });
  const logger = getLogger(category);
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}

const category = "latchkey";

/** Logs nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What is known of a request wherever its work runs. Others may keep more there than the logger needs. */
export interface RequestContext {
  readonly requestId: string;
}

// One for the whole server: each further one costs every request some microseconds.
const requests = new AsyncLocalStorage<RequestContext>();

/** Adds the request's id to every line that `work` logs, also in its background work. */
export function withRequest<T>(request: RequestContext, work: () => T): T {
  return requests.run(request, work);
}

/** The context of the request whose work this is; undefined: it is nobody's. */
export function currentRequest(): RequestContext | undefined {
  return requests.getStore();
}

/** Where LogTape looks for the fields of every line. */
const fieldsOfRequest = {
  run: <T>(_fields: Record<string, unknown>, work: () => T): T => work(),
  getStore(): Record<string, unknown> | undefined {
    const request = requests.getStore();
    return request && { requestId: request.requestId };
  },
};

// The fields are a separate object, so that none can overwrite the level or the time.
function jsonLine(record: LogRecord): string {
  const fields = redacted(record.properties);
  const entry = { time: timeOf(record), level: levelOf(record), message: messageOf(record) };
  return JSON.stringify(Object.keys(fields).length === 0 ? entry : { ...entry, fields });
}

function textLine(record: LogRecord): string {
  const level = levelOf(record).toUpperCase().padEnd(5);
  const parts = [timeOf(record), level, oneLine(messageOf(record))];
  for (const [key, value] of Object.entries(redacted(record.properties))) {
    parts.push(`${oneLine(key)}=${JSON.stringify(value)}`);
  }
  return parts.join(" ");
}

function timeOf({ timestamp }: LogRecord): string {
  return new Date(timestamp).toISOString();
}

function levelOf({ level }: LogRecord): string {
  return level === "warning" ? "warn" : level;
}

/** The message without its fields: a field inside the message would bypass the redaction. */
function messageOf({ rawMessage }: LogRecord): string {
  return typeof rawMessage === "string" ? rawMessage : rawMessage.join("{}");
}

/** A line break or a terminal's escape sequence in a message could fake a separate entry. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}
