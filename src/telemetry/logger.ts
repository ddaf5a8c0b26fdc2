import { redacted } from "./redaction.ts";

/** Where the server tells its operator what happens. A secret is never part of a message. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Logs to the console, one line an entry: debug and info to standard output, the rest to standard
 * error.
 *
 * @param level the least important level that is written
 * @param format `json` for machines, `text` for a person at a terminal
 */
export function consoleLogger(level: LogLevel, format: "json" | "text"): Logger {
  const line = format === "json" ? jsonLine : textLine;
  const least = logLevels.indexOf(level);
  const writer = (at: LogLevel) => {
    if (logLevels.indexOf(at) < least) return () => {};
    return (message: string, fields: Record<string, unknown> = {}) =>
      // "%s" keeps the console from reading a message as a format.
      console[at]("%s", line({ time: new Date(), level: at, message, fields }));
  };
  return {
    debug: writer("debug"),
    info: writer("info"),
    warn: writer("warn"),
    error: writer("error"),
  };
}

/** Logs nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

interface Entry {
  time: Date;
  level: LogLevel;
  message: string;
  fields: Record<string, unknown>;
}

// The fields are an object of their own, so that none can pass itself off as the level or the time.
function jsonLine({ time, level, message, fields }: Entry): string {
  const entry = { time: time.toISOString(), level, message };
  return JSON.stringify(
    Object.keys(fields).length === 0 ? entry : {
      ...entry,
      fields: redacted(fields),
    },
  );
}

function textLine({ time, level, message, fields }: Entry): string {
  const parts = [time.toISOString(), level.toUpperCase().padEnd(5), oneLine(message)];
  for (const [key, value] of Object.entries(redacted(fields))) {
    parts.push(`${oneLine(key)}=${JSON.stringify(value)}`);
  }
  return parts.join(" ");
}

/** A line break, or a terminal's escape sequence, in a message could fake an entry of its own. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}
