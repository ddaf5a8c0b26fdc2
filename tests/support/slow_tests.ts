/**
 * Tests that take long, each with the reason why. Those whose names begin with a text of this list are
 * meant. How long is long depends on how long all tests take together, because machines differ.
 *
 * As a program it looks at the output of `deno test` for all tests, and names those that take long and
 * are not in the list:
 *
 *     deno run --allow-read tests/support/slow_tests.ts OUTPUT
 *
 * It exits with 1 only for one that takes far too long: on any machine, it does so at each run.
 */
export const slowTests: Readonly<Record<string, string>> = {
  "what each grant type and each bound token ":
    "a table of grants, and slow on a KV Connect server",
  "exactly the allowed number of 10,000 ": "ten thousand requests at once are what it is about",
  "with any failure, nothing is used twice": "runs the simulation with a hundred seeds",
  "a seed always gives the same calls": "runs twenty seeds of the simulation twice",
  "the simulation detects a provider ": "runs the simulation until it has found what was broken",
  "a built server and the sources ": "builds the server, and starts it and the sources in turn",
  "a built server refuses a relative store": "builds the server, and starts four processes",
  "bad input at the pages ": "a table of inputs at every page",
  "while the trail is sealed": "seals, verifies and cleans up while others are answered",
  "after 200 sign-ins at once ": "starts a server and hashes two hundred passwords",
  "flooding the sign-in page ": "a thousand guesses at once",
  "the load bench ": "runs the bench as a person does, in small",
  "the cleanup bench ": "runs the bench as a person does, in small",
  "the seal bench ": "runs the bench as a person does, in small",
  "the memory bench ": "clients send their bodies slowly, for longer than a body may take",
  "the cold start bench ": "starts servers until their times can be compared",
  "a server process is what the MCP SDK ": "starts a server and the conformance suite of MCP",
  "a server process serves openid-client ":
    "starts a server, and takes two libraries through every mode",
  "openid-client: a whole journey":
    "kills the server before each of its steps, and starts it again",
  "in two rounds of restarts ": "starts processes of two releases beside each other",
  "a file that was set back ": "copies the store of a server under load, and boots from the copy",
  "a mail server that scans a mail ": "waits longer than mail servers were given to answer",
  "what is remembered of a request does not ": "two hundred users sign in, in a process of its own",
  "V8 compiles no function of the hot path ": "requests come until V8 has compiled their code",
  "a server on a full disk ": "fills a disk, and waits until the server notices",
};

/** Whether the source of a test file has one of them. */
export function hasSlowTest(source: string, names = Object.keys(slowTests)): boolean {
  return names.some((name) => ['"', "`"].some((quote) => source.includes(quote + name)));
}

/** Parts of the time of all tests: some 6 and 30 seconds where the tests take 20 minutes together. */
const longShare = 1 / 200;
const tooLongShare = 1 / 40;

export interface SlowTest {
  readonly name: string;
  readonly seconds: number;
  /** Longer than a test may take that has no reason. */
  readonly tooLong: boolean;
}

/** The tests in the output of `deno test` that take long, and are not in the list. */
export function unexplained(output: string, reasons = slowTests): SlowTest[] {
  const tests = timesIn(output);
  const all = tests.reduce((sum, { seconds }) => sum + seconds, 0);
  return tests
    .filter(({ seconds }) => seconds > longShare * all)
    .filter(({ name }) => !Object.keys(reasons).some((known) => name.startsWith(known)))
    .map((test) => ({ ...test, tooLong: test.seconds > tooLongShare * all }));
}

function timesIn(output: string): { name: string; seconds: number }[] {
  const lines = /^(?:\S+_test\.tsx? => )?(.*) \.\.\. ok \((?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?\)$/gm;
  return [...output.matchAll(lines)]
    // The time of a step is in that of its test.
    .filter(([, name = ""]) => !name.includes(" ... "))
    .map(([, name = "", minutes = "0", seconds = "0", milliseconds = "0"]) => ({
      name,
      seconds: 60 * Number(minutes) + Number(seconds) + Number(milliseconds) / 1000,
    }));
}

if (import.meta.main) {
  const [path = ""] = Deno.args;
  const found = unexplained(await Deno.readTextFile(path));
  for (const { name, seconds, tooLong } of found) {
    console.log(`${seconds} s, ${tooLong ? "TOO LONG" : "long"} without a reason: ${name}`);
  }
  if (found.some(({ tooLong }) => tooLong)) {
    console.log("Make the test quicker, or give its reason in tests/support/slow_tests.ts.");
    Deno.exit(1);
  }
}
