import type { MigrationStatus } from "./status.ts";

/**
 * The state of the migrations, as `migrate:status` prints it: a header line, and a line for each
 * migration.
 */
export function statusTable(statuses: readonly MigrationStatus[]): string {
  const titles = ["number", "name", "state", "applied at", "duration", "checksum"];
  const rows = statuses.map(({ name, state, checksum, record }) => [
    name.slice(0, 4),
    name.slice(5),
    state,
    record?.appliedAt == null ? "-" : new Date(record.appliedAt * 1000).toISOString(),
    record === null ? "-" : `${record.milliseconds} ms`,
    // The checksum of the code that ran, which can differ from the current file.
    (record?.checksum ?? checksum ?? "-").slice(0, 12),
  ]);
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  return [titles, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}
