import { chromiumEntry } from "../../packages/chromium_entry.ts";
import type { Chromium } from "./chromium.ts";

/** Whether npm's `@sparticuz/chromium` has a binary for this machine. */
export const isCarriedChromium = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

/**
 * The binary that the package carries, unpacked into the cache when it is not there yet. It comes with
 * the libraries and the font that a small system may not have.
 */
export async function unpackedChromium(): Promise<Chromium> {
  const directory = `${cacheDirectory()}/latchkey/chromium-${await version()}`;
  if (!exists(directory)) await unpack(directory);
  return {
    path: `${directory}/chromium`,
    env: {
      LD_LIBRARY_PATH: [`${directory}/al2023/lib`, Deno.env.get("LD_LIBRARY_PATH") ?? ""]
        .filter((path) => path !== "").join(":"),
      FONTCONFIG_FILE: `${directory}/fonts.conf`,
    },
  };
}

async function unpack(directory: string) {
  const parent = directory.slice(0, directory.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  const building = await Deno.makeTempDir({ dir: parent, prefix: "chromium-building-" });
  // The package unpacks into the temporary directory of its process, so that process gets its own.
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      `--lock=${new URL("../../deno.lock", import.meta.url).pathname}`,
      "-A",
      new URL("unpack_chromium.ts", import.meta.url).href,
    ],
    env: { TMPDIR: building, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`unpacking failed:\n${new TextDecoder().decode(stderr)}`);
  await Deno.writeTextFile(`${building}/fonts.conf`, fontsOf(directory));
  try {
    await Deno.rename(building, directory); // in one move, so that nobody ever finds half of it
  } catch (error) {
    await Deno.remove(building, { recursive: true });
    if (!exists(directory)) throw error; // else another test file was faster
  }
}

/** The system's fonts where there are any, and the package's. */
function fontsOf(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${directory}/fonts</dir>
  <cachedir>${directory}/fonts-cache</cachedir>
</fontconfig>
`;
}

/** Of the package that tests/deno.lock names. */
async function version(): Promise<string> {
  const manifest = JSON.parse(await Deno.readTextFile(new URL("../package.json", chromiumEntry)));
  return String(manifest.version);
}

function cacheDirectory(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
