import type { Logger } from "../../src/telemetry/logger.ts";

/** Logs nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
