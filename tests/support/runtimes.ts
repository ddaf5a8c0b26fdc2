/** Programs that tests run and that a machine may lack, with a command that succeeds where one is installed. */
const runtimes = {
  "bash, curl and jq": ["bash", "-c", "curl --version && jq --version"],
  "go": ["go", "version"],
  "python3 with authlib": ["python3", "-c", "import authlib, requests"],
  "python3 with requests": ["python3", "-c", "import requests"],
  "node": ["node", "--eval", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"],
} as const;

/** Registers a test that needs such a program; where it is missing, the test says so aloud. */
export function testWith(
  runtime: keyof typeof runtimes,
  { name, run, ignore = false }: {
    readonly name: string;
    readonly run: (t: Deno.TestContext) => Promise<void>;
    readonly ignore?: boolean;
  },
) {
  const isThere = works(runtimes[runtime]);
  if (!isThere) console.warn(`NOT RUN, ${runtime} is not installed: ${name}`);
  Deno.test({ name, ignore: ignore || !isThere, fn: run });
}

function works([program, ...args]: readonly [string, ...string[]]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
