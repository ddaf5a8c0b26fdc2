import { assert, assertEquals } from "@std/assert";
import { sourceFiles } from "./source_files.ts";

const root = new URL("../../", import.meta.url);

/** What each part of the house may import of the others. The first part that a file begins with counts. */
const parts: Readonly<Record<string, readonly string[]>> = {
  "main.ts": [
    "all_files.ts",
    "development.ts",
    "migrations/",
    "routes/server_app.ts",
    "src/",
    "stores/",
  ],
  "all_files.ts": ["all_sources.ts", "only_read.ts"],
  // Imports what all others import later, and runs none of it.
  "all_sources.ts": [
    "development.ts",
    "migrations/",
    "routes/",
    "run_nothing.ts",
    "src/",
    "stores/",
  ],
  "only_read.ts": [],
  "run_nothing.ts": ["only_read.ts"],
  "development.ts": ["src/crypto/"],
  "migrations/": ["migrations/", "stores/", "src/crypto/", "src/identifiers/"],
  "routes/": ["routes/", "src/", "stores/"],
  "src/crypto/": ["src/crypto/"],
  // What makes two texts one name or one address: keys are made of it.
  "src/identifiers/": ["src/identifiers/"],
  "src/": ["src/", "stores/"],
  // The engine knows no record: it could hold those of any other program.
  "stores/engine/": ["stores/engine/", "src/crypto/"],
  "stores/": ["stores/", "src/crypto/", "src/identifiers/"],
};

/**
 * The floors of src, from the top. A folder imports folders on lower lines only, so two folders on one
 * line know nothing of each other.
 */
const floors: readonly (readonly string[])[] = [
  ["demo", "branding"],
  ["ui"],
  ["account"],
  ["admin"],
  ["registration"],
  ["grants"],
  ["authorize", "device"],
  ["boot"],
  ["authn", "presented"],
  ["discovery"],
  ["maintenance"],
  ["logout", "backchannel"],
  ["issuing"],
  ["interactions", "callers"],
  ["outgoing"],
  ["tokens", "limits", "audit", "mail"],
  ["grantable"],
  ["claims", "sessions"],
  ["keys"],
  ["clients"],
  ["certificates"],
  ["deps"],
  ["config"],
  ["protocol"],
  ["crypto", "identifiers", "language", "telemetry"],
];

/** Imports that the rules above would forbid, each with the reason why it is right. */
const exceptions: Readonly<Record<string, string>> = {
  "migrations/cli.ts > src/config/read_config.ts":
    "a program of its own, as main.ts is: LATCHKEY_KV means the same to both",
};

/** Who may import which packages; a package that is not here may be imported by all. */
const packages: Readonly<Record<string, readonly string[]>> = {
  hono: ["src/ui/", "src/language/", "routes/"],
  "hash-wasm": ["src/authn/passwords/argon2_wasm.ts"],
  "@simplewebauthn/server": ["src/authn/passkeys/"],
  bowser: ["src/language/device.ts"],
  nodemailer: ["src/mail/smtp_mailer.ts"],
  otpauth: ["src/authn/second_factor/totp.ts"],
  uqr: ["src/account/authenticator_app.ts"],
  // Past Deno KV, which can neither copy its file nor look it through.
  "node:sqlite": ["stores/engine/sqlite_copy.ts", "stores/engine/sqlite_families.ts"],
  "@opentelemetry/api": ["src/telemetry/"],
};

/** Who may use the platform, and for what. */
const platform: Readonly<Record<string, string>> = {
  "main.ts": "boots",
  "all_files.ts": "asks whether it may read the sources",
  "development.ts": "the master key and the port of a development server",
  "migrations/cli.ts": "a program of its own",
  "src/boot/server.ts": "listens on a port or a Unix socket",
  "src/boot/signals.ts": "hears the signals that stop the process",
  "src/keys/libcrypto.ts": "loads the native library that signs, if the operator names one",
  "stores/engine/local_file.ts": "opens and locks a file",
  "stores/engine/sqlite_copy.ts": "makes and names the copy of a file",
  "stores/engine/open.ts": "opens a remote store",
};

/** Types alone: what a key is, and what an opened store is where one is wrapped. */
const platformTypes = /\bDeno\.(KvKey|KvKeyPart|KvListSelector)\b/g;
const storeHandles: Readonly<Record<string, string>> = {
  "stores/engine/deno_backend.ts": "wraps one handle",
  "stores/engine/remote.ts": "opens and closes the handles that it is given",
};

interface SourceFile {
  readonly path: string;
  /** Without comments. */
  readonly code: string;
  /** Of ours, as paths from the root; of others, as written. */
  readonly imports: readonly string[];
}

const files = await readHouse();

Deno.test("a file imports only from its own floor or lower floors", () => {
  const wrong: string[] = [];
  const used = new Set<string>();
  for (const { path, imports } of files) {
    const allowed = parts[partOf(path)] ?? [];
    for (const imported of imports.filter(isOurs)) {
      if (allowed.some((part) => imported.startsWith(part))) continue;
      const step = `${path} > ${imported}`;
      if (Object.hasOwn(exceptions, step)) used.add(step);
      else wrong.push(step);
    }
  }
  assertEquals(wrong, []);
  assertEquals([...used].sort(), Object.keys(exceptions).sort(), "an exception that nobody needs");
});

Deno.test("a folder of src imports only folders on lower floors", () => {
  const wrong: string[] = [];
  for (const { path, imports } of files) {
    const folder = folderOfSrc(path);
    if (folder === null) continue;
    for (const imported of imports.filter(isOurs)) {
      const other = folderOfSrc(imported);
      if (other === null || other === folder) continue;
      if (!(floorOf(folder) < floorOf(other))) wrong.push(`${path} > ${imported}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("every folder of src has a floor, and src has no loose files", () => {
  const folders = files.map(({ path }) => path.split("/")).filter(([part]) => part === "src")
    .map(([, folder = ""]) => folder);
  assertEquals([...new Set(folders)].sort(), floors.flat().toSorted());
});

Deno.test("files that routes share import no wing, and a wing imports no other", () => {
  const wingOf = (path: string) => /^routes\/(?!http\/)([^/]+)\//.exec(path)?.[1] ?? null;
  const maps = ["routes/app.ts", "routes/browser_app.ts", "routes/server_app.ts"];
  const wrong: string[] = [];
  for (const { path, imports } of files) {
    if (!path.startsWith("routes/") || maps.includes(path)) continue;
    for (const imported of imports.filter(isOurs)) {
      const other = wingOf(imported);
      if (other !== null && other !== wingOf(path)) wrong.push(`${path} > ${imported}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("no files import each other in a cycle", () => {
  assertEquals(circles(files), []);
});

Deno.test("every file of the repository has a floor", () => {
  assert(files.length > 100, `only ${files.length} files were found`);
  assertEquals(files.filter(({ path }) => partOf(path) === "").map(({ path }) => path), []);
  const missing = files.flatMap(({ path, imports }) =>
    imports.filter((imported) => isOurs(imported) && !files.some((file) => file.path === imported))
      .map((imported) => `${path} > ${imported}`)
  );
  assertEquals(missing, []);
});

Deno.test("only app.ts, pages and routes import hono, and other packages have their places too", () => {
  const wrong: string[] = [];
  for (const { path, imports } of files) {
    for (const imported of imports.filter((one) => !isOurs(one))) {
      const places = packages[packageOf(imported)];
      if (places && !places.some((place) => path.startsWith(place))) {
        wrong.push(`${path} > ${imported}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("below main.ts only the stores that open KV use the platform", () => {
  const found = files.filter(({ path, code }) => {
    const rest = code.replaceAll(platformTypes, "");
    const known = path in storeHandles ? rest.replaceAll(/\bDeno\.Kv\b/g, "") : rest;
    return /\bDeno\b(?! Deploy)/.test(known);
  });
  assertEquals(found.map(({ path }) => path).sort(), Object.keys(platform).sort());
});

Deno.test("only stores use Deno.Kv, and clock and random source are parameters", () => {
  const wrong: string[] = [];
  for (const { path, code } of files) {
    const handle = /\bDeno\.(openKv|Kv|AtomicOperation)\b/.test(code);
    if (handle && !path.startsWith("stores/")) wrong.push(`${path}: Deno.Kv`);
    for (const [what, pattern] of Object.entries(ambient)) {
      if (pattern.test(code) && !Object.hasOwn(ambientPlaces[what] ?? {}, path)) {
        wrong.push(`${path}: ${what}`);
      }
    }
  }
  assertEquals(wrong, []);
});

const ambient: Readonly<Record<string, RegExp>> = {
  clock: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
  timers: /\bset(Timeout|Interval)\(/,
  chance: /\bgetRandomValues\(|\brandomUUID\(|\bMath\.random\(/,
  console: /\bconsole\./,
};

/** Where they come from, and who may do without the parameter, and why. */
const ambientPlaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  clock: {
    "stores/engine/kv.ts": "the system's clock itself",
    "src/telemetry/logger.ts": "the time of a log line",
    "src/demo/relying_party.ts": "a library that reads the clock is told how far it is off",
    "src/ui/passkeys/script.ts": "runs in browsers",
  },
  timers: {
    "stores/engine/kv.ts": "the system's timers themselves",
    "stores/engine/local_file.ts": "how long the operating system may take over a lock",
    "src/ui/passkeys/script.ts": "runs in browsers",
  },
  chance: { "src/crypto/random.ts": "the system's random source itself" },
  console: {
    "main.ts": "says why the boot was refused",
    "src/telemetry/logger.ts": "writes the log",
    "migrations/cli.ts": "a program of its own",
    "src/ui/passkeys/simplewebauthn_browser.ts": "runs in browsers",
  },
};

Deno.test("src/admin does not speak HTTP: headers and statuses belong to routes/admin", () => {
  const http = /\b(etag|if-?match|idempotency_?key|location|next_cursor)\b|\bstatus: [2-5]\d\d\b/i;
  const found = files.filter(({ path, code }) => path.startsWith("src/admin/") && http.test(code));
  assertEquals(found.map(({ path }) => path), []);
});

Deno.test("there are no default exports and no barrels", () => {
  const wrong = files.filter(({ code }) => /^export (default|\*)/m.test(code));
  assertEquals(wrong.map(({ path }) => path), []);
});

function partOf(path: string): string {
  return Object.keys(parts).find((part) => path.startsWith(part)) ?? "";
}

/** Null: the file is not in src. */
function folderOfSrc(path: string): string | null {
  const [part, folder = null] = path.split("/");
  return part === "src" ? folder : null;
}

function floorOf(folder: string): number {
  return floors.findIndex((floor) => floor.includes(folder));
}

/** One circle of imports for each file that closes one. */
function circles(house: readonly SourceFile[]): string[] {
  const byPath = new Map(house.map((file) => [file.path, file]));
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path);
    if (at >= 0) found.push([...way.slice(at), path].join(" > "));
    if (at >= 0 || done.has(path)) return;
    for (const imported of byPath.get(path)?.imports ?? []) {
      if (byPath.has(imported)) visit(imported, [...way, path]);
    }
    done.add(path);
  };
  for (const { path } of house) visit(path, []);
  return found;
}

function isOurs(imported: string): boolean {
  return /\.tsx?$/.test(imported);
}

function packageOf(imported: string): string {
  const [scope = "", name] = imported.replace(/^(npm|jsr):\/?/, "").split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

async function readHouse(): Promise<SourceFile[]> {
  const paths = await sourceFiles();
  return await Promise.all(paths.map(async (path) => {
    const code = withoutComments(await Deno.readTextFile(new URL(path, root)));
    return { path, code, imports: importsOf(path, code) };
  }));
}

function importsOf(path: string, code: string): string[] {
  const statements = /^(?:import|export)\b[^;"]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;
  const calls = /\bimport\("([^"$]+)"\)|\bnew URL\("([^"]+)", import\.meta\.url\)/g;
  const found = [...code.matchAll(statements), ...code.matchAll(calls)];
  return found.map(([, one, two]) => resolved(path, one ?? two ?? ""));
}

function resolved(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, new URL(path, root)).href.slice(root.href.length);
}

/** Block comments, and line comments that are alone or follow code; a URL in a string stays. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}
