import { serialize } from "node:v8";
import { readConfig } from "../src/config/read_config.ts";
import { systemTimers } from "../stores/engine/kv.ts";
import { openStore, storeName } from "../stores/engine/open.ts";
import { count, type FamilySize, sizesOfFile, sorted } from "../stores/engine/sqlite_families.ts";

/**
 * Prints how many records each family of the store has, and their bytes:
 *
 *     deno task stats
 *
 * LATCHKEY_KV says where the store is, as for the server. It only reads: a file beside its running server,
 * a KV Connect server page by page.
 */
async function stats(): Promise<number> {
  const { kv } = readConfig({
    LATCHKEY_ENV: "development",
    LATCHKEY_KV: Deno.env.get("LATCHKEY_KV"),
  }, () => {
    throw new Error("stats reads no file of the configuration");
  });
  if (kv.kind === "memory") {
    console.error("LATCHKEY_KV is a store in memory: only its own process can read it");
    return 1;
  }
  if (kv.kind === "file") {
    const { families, bytes, freeBytes } = await sizesOf(kv.path);
    print(storeName(kv), families);
    console.log(`the file has ${grouped(bytes)} bytes, of which ${grouped(freeBytes)} are free`);
    return 0;
  }
  const store = await openStore(kv, systemTimers);
  const families = new Map<string, FamilySize>();
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: Awaited<ReturnType<typeof store.list>> = await store.list({ prefix: [] }, {
      limit: 500,
      ...(cursor === "" ? {} : { cursor }),
    });
    for (const { key, value } of page.entries) {
      count(families, String(key[0]), JSON.stringify(key).length + serialize(value).length);
    }
    cursor = page.cursor;
  }
  store.close();
  print(storeName(kv), sorted(families));
  return 0;
}

/** @throws with a sentence that names the file */
async function sizesOf(path: string) {
  try {
    await Deno.stat(path); // SQLite would not say why it cannot open a file
    return sizesOfFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} cannot be read as a store (${reason})`, { cause });
  }
}

function print(name: string, families: readonly FamilySize[]) {
  const all: FamilySize = { family: "all", records: 0, bytes: 0 };
  for (const { records, bytes } of families) {
    all.records += records;
    all.bytes += bytes;
  }
  const rows = [...families, all].map(({ family, records, bytes }) => [
    family,
    grouped(records),
    grouped(bytes),
    records === 0 ? "-" : grouped(Math.round(bytes / records)),
  ]);
  const table = [["family", "records", "bytes", "bytes each"], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  console.log(name);
  for (const [family = "", ...numbers] of table) {
    const right = numbers.map((number, at) => number.padStart(widths[at + 1] ?? 0));
    console.log([family.padEnd(widths[0] ?? 0), ...right].join("  "));
  }
}

/** Digits in groups of three, such as 1,000,000. */
function grouped(number: number): string {
  return number.toLocaleString("en");
}

if (import.meta.main) {
  try {
    Deno.exitCode = await stats();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exitCode = 1;
  }
}
