import { type ListedMigration, migrationName } from "./migration.ts";

/** A migration cannot be created as asked; the message says why. */
class NotCreated extends Error {
  override readonly name = "NotCreated";
}

export interface MigrationFolder {
  readonly readIndex: () => Promise<string>;
  readonly writeIndex: (text: string) => Promise<void>;
  /** Fails if the file exists. */
  readonly createFile: (name: string, text: string) => Promise<void>;
}

/** A longer name would not fit into the line of the index. */
const longestName = 30;

/**
 * Creates the file of the next migration and adds its line to the index.
 * @param name in snake_case, without a number
 * @returns the name with its number
 * @throws {NotCreated}
 */
export async function createMigration(
  name: string,
  listed: readonly ListedMigration[],
  folder: MigrationFolder,
): Promise<string> {
  const number = listed.length + 1;
  const numbered = `${String(number).padStart(4, "0")}_${name}`;
  if (!migrationName.test(numbered)) {
    throw new NotCreated(`${name} is not in snake_case: write it like add_person_index`);
  }
  if (name.length > longestName) {
    throw new NotCreated(`${name} is too long: a name has at most ${longestName} characters`);
  }
  const index = await folder.readIndex();
  const end = index.lastIndexOf("\n}, import.meta.url);");
  if (end === -1) {
    throw new NotCreated("migrations/index.ts does not end as it should: add the line by hand");
  }
  const line = `\n  "${numbered}": () => import("./${numbered}.ts"),`;

  // Create the file first: if it exists, this fails and the index stays unchanged.
  await folder.createFile(numbered, template(name, number));
  await folder.writeIndex(index.slice(0, end) + line + index.slice(end));
  return numbered;
}

function template(name: string, number: number): string {
  return `import type { Migration } from "./migration.ts";

export const migration: Migration = {
  description: "${name.replaceAll("_", " ")}",
  // No earlier release works on the store once this has run. See README.md for how to do better.
  worksFrom: ${number},
  run() {
    throw new Error("not written yet");
  },
};
`;
}
