import { fileFault } from "../../stores/engine/store_errors.ts";

/** A wrong setting: one sentence for the operator, without the value of a secret. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";

  constructor(readonly variable: string, problem: string) {
    super(`${variable} ${problem}.`);
  }
}

/** Why a file could not be read and what to do, as the end of a sentence; it does not name the path. */
export function cannotBeRead(error: unknown): string {
  const reason = fileFault(error);
  const remedy = reason === "NotCapable"
    ? "start the process with --allow-read for its folder"
    : "correct the path or its permissions";
  return `cannot be read (${reason}): ${remedy}`;
}
