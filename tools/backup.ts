import { readConfig } from "../src/config/read_config.ts";
import { CannotCopy, copySqlite } from "../stores/engine/sqlite_copy.ts";

/**
 * Copies the store while its server runs:
 *
 *     deno task backup FILE
 *
 * LATCHKEY_KV says where the store is, as for the server; for a KV Connect server, it is that server's
 * own file. FILE must not exist; the copy is for its owner alone, and was looked through before it got
 * its name.
 */
async function backup(args: readonly string[]): Promise<number> {
  const [to, ...rest] = args;
  if (to === undefined || rest.length > 0) {
    console.error("usage: deno task backup FILE");
    return 2;
  }
  try {
    const from = storeFile();
    await Deno.stat(from);
    const { bytes } = await copySqlite(from, to);
    console.log(`${to}: ${bytes} bytes, the store ${from} as it was at the beginning`);
    return 0;
  } catch (error) {
    console.error(sentence(error, to));
    return 1;
  }
}

function storeFile(): string {
  const noFiles = () => {
    throw new Error("a backup reads no file of the configuration");
  };
  const { kv } = readConfig({
    LATCHKEY_ENV: "development",
    LATCHKEY_KV: Deno.env.get("LATCHKEY_KV"),
  }, noFiles);
  if (kv.kind === "file") return kv.path;
  throw new Error(
    kv.kind === "memory"
      ? "LATCHKEY_KV is a store in memory, which cannot be backed up"
      : "LATCHKEY_KV is a KV Connect server: on its machine, set LATCHKEY_KV to the server's own file",
  );
}

function sentence(error: unknown, to: string): string {
  if (error instanceof Deno.errors.AlreadyExists) {
    return `${to} is there already: name another file`;
  }
  if (error instanceof CannotCopy) return `${error.message}: this is ${Deno.version.deno}`;
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) Deno.exitCode = await backup(Deno.args);
