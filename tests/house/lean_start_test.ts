import { assert, assertEquals } from "@std/assert";

/** What takes long to load, and few requests need. */
const heavy = [
  "@opentelemetry/api",
  "@simplewebauthn/server",
  "bowser",
  "hash-wasm",
  "ipaddr.js",
  "nodemailer",
  "oauth4webapi",
  "otpauth",
  "uqr",
];

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

interface Dependency {
  readonly code?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
}

Deno.test("the server starts without heavy modules, which are loaded at first use", async () => {
  const loaded = await loadedAtStart("main.ts");
  assert(loaded.includes("hono"), "the graph was not read");
  assertEquals(heavy.filter((name) => loaded.includes(name)), []);
});

/**
 * The most modules of ours that may be loaded before the server listens. Each takes about 0.2 ms of a cold
 * start. What the discovery document does not need is imported when it is used.
 */
const most = 151;

Deno.test("the server loads few modules before it listens, none of which only endpoints, pages or Node need", async () => {
  const reached = await reachedAtStart("main.ts");
  const ours = reached.filter((specifier) => specifier.startsWith("file:"));
  assert(ours.length > 100, "the graph was not read");
  assert(ours.length <= most, `${ours.length} modules are loaded before the server listens`);
  const later =
    /\.tsx$|\/(src|routes)\/(account|admin|grants|presented|sign_in|dev)\/|hono\/.*jsx|strings\//;
  assertEquals(reached.filter((specifier) => later.test(specifier)), []);
  // node:crypto and node:net, with what they import, each take as long as the whole start of a bare server.
  assertEquals(reached.filter((specifier) => specifier.startsWith("node:")), []);
});

Deno.test("the check of the variables' names, which runs before each start, loads no schema", async () => {
  assertEquals(await loadedAtStart("tools/check_environment.ts"), []);
});

Deno.test("all_sources.ts lists each file that is imported later, and runs none of them", async () => {
  const { modules } = await graphOf("main.ts");
  const later = modules.flatMap(({ dependencies = [] }) =>
    dependencies.flatMap(({ code, isDynamic }) => isDynamic ? code?.specifier ?? [] : [])
  ).filter((specifier) => specifier.startsWith("file:"));
  assert(later.length > 50, "the graph was not read");
  const [first = "", ...listed] = (await graphOf("all_sources.ts")).modules
    .find(({ specifier }) => specifier.endsWith("/all_sources.ts"))?.dependencies
    ?.flatMap(({ code }) => code?.specifier ?? []) ?? [];
  // It throws before the others would run.
  assert(first.endsWith("/run_nothing.ts"), first);
  const ownName = /\/all_files\.ts$/;
  assertEquals(listed, [...new Set(later)].filter((file) => !ownName.test(file)).sort());
});

/** The npm packages that a module imports, by itself or through others, before it runs. */
async function loadedAtStart(file: string): Promise<string[]> {
  const packages = (await reachedAtStart(file)).map((specifier) =>
    /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(specifier)?.[1]
  );
  return [...new Set(packages.filter((name) => name !== undefined))].sort();
}

/** The modules that a module imports, by itself or through others, before it runs. */
async function reachedAtStart(file: string): Promise<string[]> {
  const { modules, roots } = await graphOf(file);
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set<string>(roots);
  for (const specifier of reached) { // which grows meanwhile
    for (const { code, isDynamic } of byName.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) reached.add(code.specifier);
    }
  }
  return [...reached];
}

async function graphOf(file: string): Promise<{ modules: Module[]; roots: string[] }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
