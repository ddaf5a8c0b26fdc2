import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { consoleLogger, logLevels, withRequest } from "../../src/telemetry/logger.ts";
import { aProvider } from "../support/provider.ts";
import { silentLogger } from "../support/silent_logger.ts";

// No other test shares its isolate: the context of a request elsewhere may last beyond its own test.

/** What reaches the console while `log` runs: the level and the line. */
function written(log: () => void): [string, string][] {
  const original = { ...console };
  const lines: [string, string][] = [];
  for (const level of logLevels) {
    console[level] = (format: string, line: string) => {
      assertEquals(format, "%s");
      lines.push([level, line]);
    };
  }
  try {
    log();
  } finally {
    Object.assign(console, original);
  }
  return lines;
}

/** The same of what takes its time. */
async function writtenLater(log: () => Promise<void>): Promise<string[]> {
  const original = { ...console };
  const lines: string[] = [];
  for (const level of logLevels) console[level] = (_: string, line: string) => lines.push(line);
  try {
    await log();
  } finally {
    Object.assign(console, original);
  }
  return lines;
}

function writtenFields(fields: Record<string, unknown>) {
  const [line] = written(() => consoleLogger("info", "json").info("message", fields));
  return JSON.parse(line?.[1] ?? "").fields;
}

Deno.test("a level below the chosen one is not written", () => {
  const lines = written(() => {
    const logger = consoleLogger("warn", "text");
    for (const level of logLevels) logger[level]("message");
    for (const level of logLevels) silentLogger[level]("message");
  });
  assertEquals(lines.map(([level]) => level), ["warn", "error"]);
});

Deno.test("a JSON line has time, level and message, and the fields in a separate object", () => {
  const [line] = written(() => consoleLogger("info", "json").warn("slow", { level: "x", ms: 3 }));
  const { time, ...entry } = JSON.parse(line?.[1] ?? "");
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(entry, { level: "warn", message: "slow", fields: { level: "x", ms: 3 } });
});

Deno.test("a log that cannot be written fails no caller, and tells later how many lines were lost", () => {
  const logger = consoleLogger("info", "json");
  const original = { ...console };
  const full = () => {
    throw new Error("No space left on device (os error 28)");
  };
  for (const level of logLevels) console[level] = full;
  try {
    logger.info("one");
    logger.error("two");
  } finally {
    Object.assign(console, original);
  }
  const lines = written(() => {
    logger.info("three");
    logger.info("four");
  });
  const entries = lines.map(([level, line]) => [level, JSON.parse(line).fields?.lines]);
  assertEquals(entries, [["warn", 2], ["info", undefined], ["info", undefined]]);
});

Deno.test("an entry is one line in either format, whatever is in it", () => {
  for (const format of ["json", "text"] as const) {
    const [entry] = written(() =>
      consoleLogger("info", format).error("two\nlines\r\u2028\u001b[2K", {
        "a\nkey": "a\nvalue",
        error: new Error("an\nerror"),
      })
    );
    const line = entry?.[1] ?? "\n";
    assert(["\n", "\r", "\u001b"].every((character) => !line.includes(character)), line);
  }
});

Deno.test("a text line is readable for people", () => {
  const [line] = written(() => consoleLogger("info", "text").info("listening", { port: 8000 }));
  assertMatch(line?.[1] ?? "", /^\S+Z INFO {2}listening port=8000$/);
});

Deno.test("an error is written with its name, message, stack and causes", () => {
  const cause = new TypeError("the cause");
  const { error } = writtenFields({ error: new RangeError("the error", { cause }) });
  assertEquals([error.name, error.message], ["RangeError", "the error"]);
  assertEquals([error.cause.name, error.cause.message], ["TypeError", "the cause"]);
  assertStringIncludes(error.stack, "logger_test.ts");
});

Deno.test("values that look like secrets are redacted at any depth", () => {
  const secrets = {
    password: "s3cret",
    newPassword: "s3cret",
    client_secret: "s3cret",
    accessToken: "s3cret",
    "set-cookie": ["s3cret"],
    Authorization: "s3cret",
    code: "s3cret",
    authorization_code: "s3cret",
    recoveryCodes: ["s3cret"],
    token: { value: "s3cret" },
  };
  const fields = { deep: [{ ...secrets }], ...secrets, key: new TextEncoder().encode("s3cret") };
  for (const format of ["json", "text"] as const) {
    const [line] = written(() => consoleLogger("info", format).info("message", fields));
    assert(!line?.[1].includes("s3cret"), line?.[1]);
  }
  assertEquals(writtenFields(fields).password, "[redacted]");
});

Deno.test("a value whose name only resembles a secret's name is written", () => {
  const fields = { encoding: "utf-8", decoder: 1, barcode: "x", clientId: "shop" };
  assertEquals(writtenFields(fields), fields);
});

Deno.test("a URL is written without its query, which can carry codes", () => {
  assertEquals(
    writtenFields({ url: new URL("https://app.example/cb?code=s3cret#s3cret") }),
    { url: "https://app.example/cb" },
  );
});

Deno.test("values that JSON cannot express are written as text", () => {
  const circular: Record<string, unknown> = { big: 1n, bytes: new Uint8Array(3), no: undefined };
  circular.self = circular;
  circular.date = new Date(0);
  circular.bad = new Date(NaN);
  circular.log = () => {};
  const loop = new Error("a");
  loop.cause = loop;
  const fields = writtenFields({ circular, loop });
  assertEquals(fields.circular, {
    big: "1",
    bytes: "[3 bytes]",
    self: "[circular]",
    date: "1970-01-01T00:00:00.000Z",
    bad: "[no date]",
    log: "[function]",
  });
  assertEquals(fields.loop.cause, "[circular]");
});

Deno.test("a message is written as it is, and fields are not filled in", () => {
  const [line] = written(() =>
    consoleLogger("info", "json").info("for {password} and {{x}}", { password: "s3cret" })
  );
  assertEquals(JSON.parse(line?.[1] ?? "").message, "for {password} and {{x}}");
  assert(!line?.[1].includes("s3cret"), line?.[1]);
});

Deno.test("every log line of a request has its id, also lines of code that was not given the id", async () => {
  const lines = await writtenLater(async () => {
    const logger = consoleLogger("info", "json");
    const later = (name: string) =>
      withRequest({ requestId: name }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        logger.info(`later, of ${name}`);
      });
    await Promise.all([later("one"), later("two")]);
    logger.info("of no request");
  });
  const told = lines.map((line) => JSON.parse(line)).map((
    { message, fields },
  ) => [message, fields]);
  assertEquals(told, [
    ["later, of one", { requestId: "one" }],
    ["later, of two", { requestId: "two" }],
    ["of no request", undefined],
  ]);
});

Deno.test("the id in the log is the id in the client's answer", async () => {
  let response: Response | undefined;
  const lines = await writtenLater(async () => {
    const logger = consoleLogger("debug", "json");
    await using provider = await aProvider({ logger, config: { rateLimits: true } });
    for (let n = 0; n < 61; n++) response = await provider.request("/authorize");
  });
  const refusal = lines.map((line) => JSON.parse(line))
    .find(({ message }) => message === "a rate limit refused a request");
  assertEquals(refusal?.fields.requestId, response?.headers.get("x-request-id"));
});
