import { z } from "zod";
import type { Packing } from "./packing.ts";

/** This release cannot read the record: its version is newer, or no release wrote this shape. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
}

interface RecordForm<Schema extends z.ZodType> {
  readonly family: string;
  readonly version: number;
  readonly schema: Schema;
  readonly upgrades?: Readonly<Record<number, (value: unknown) => unknown>>;
  readonly packing?: Packing<z.infer<Schema>>;
}

const envelope = z.object({ version: z.int().positive(), record: z.unknown() });

/**
 * Zod compiles a schema when it is first used, which takes longer than many reads. So the first reads of a
 * family, which may be all that a start needs, are interpreted.
 */
const interpretedReads = 4;
const interpreted = { jitless: true };

/**
 * Makes the function that reads a stored value of a family as a record of this release's version.
 * @throws {UnreadableRecord} if this release does not know the record's version, or its shape is wrong
 */
export function recordReader<Schema extends z.ZodType>(
  { family, version, schema, upgrades = {}, packing }: RecordForm<Schema>,
): (key: Deno.KvKey, stored: unknown) => z.infer<Schema> {
  let reads = 0;
  return (key, stored) => {
    const mode = reads < interpretedReads ? interpreted : undefined;
    reads++;
    const parsed = envelope.safeParse(
      Array.isArray(stored) && packing
        ? { version: stored[0], record: packing.unpack(stored, key) }
        : stored,
      mode,
    );
    if (!parsed.success) throw new UnreadableRecord(`${family}: not a versioned record`);
    let { version: found, record } = parsed.data;
    if (found > version) {
      throw new UnreadableRecord(
        `${family}: version ${found} was written by a newer release; this one reads up to ${version}`,
      );
    }
    for (; found < version; found++) {
      const upgrade = upgrades[found];
      if (!upgrade) throw new UnreadableRecord(`${family}: version ${found} is no longer read`);
      record = upgrade(record);
    }
    const value = schema.safeParse(record, mode);
    // Name only the paths of the wrong members: values of a record must not reach a log.
    if (!value.success) {
      const places = value.error.issues.map((issue) => issue.path.join(".")).join(", ");
      throw new UnreadableRecord(`${family}: does not fit its schema at ${places}`);
    }
    return value.data;
  };
}
