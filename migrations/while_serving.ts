import { Interrupted } from "../stores/engine/pacer.ts";
import { type MigrationRunner, runMigrations } from "./runner.ts";

interface Log {
  error(message: string, attributes: { error: unknown }): void;
}

/**
 * Runs the migrations that were left for after the start. It does not throw: the server works without
 * them, and the next start tries again.
 */
export async function migrateWhileServing(runner: MigrationRunner, logger: Log): Promise<void> {
  try {
    await runMigrations(runner);
  } catch (error) {
    if (error instanceof Interrupted) {
      runner.log("a migration was interrupted: the next process goes on");
    } else {
      logger.error("a migration failed while the server serves: the next start tries again", {
        error,
      });
    }
  }
}
