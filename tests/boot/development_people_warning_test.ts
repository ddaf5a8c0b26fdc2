import { assertEquals } from "@std/assert";
import { warnOfDevelopmentPeople } from "../../src/boot/development_people_warning.ts";
import { silentLogger } from "../support/silent_logger.ts";
import { anInstallation, type Installation } from "./installation.ts";
import { changeUser } from "./store_contents.ts";

type Environment = "development" | "production";

/** The users whom a server with the store warns of. */
async function warnedOf(installation: Installation, environment: Environment) {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  await warnOfDevelopmentPeople(await installation.process({ config: { environment }, logger }));
  return warnings.map((text) => /^everybody knows .* the user (\w+)/.exec(text)?.[1]);
}

Deno.test("production warns of users of a development server, as long as their passwords are public", async () => {
  await using installation = await anInstallation();
  assertEquals(await warnedOf(installation, "production"), []);
  const { deps } = await installation.boot(undefined, { config: { environment: "development" } });
  assertEquals(await warnedOf(installation, "development"), []);
  assertEquals(await warnedOf(installation, "production"), ["alice", "bob"]);

  await changeUser(deps, "alice", { passwordHash: await deps.passwordHasher.hash("another one") });
  await changeUser(deps, "bob", { passwordHash: null });
  assertEquals(await warnedOf(installation, "production"), []);
});

Deno.test("users that cannot be looked for do not end the process, and the log says so", async () => {
  await using installation = await anInstallation();
  await installation.boot(undefined, { config: { environment: "development" } });
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  const deps = await installation.process({ config: { environment: "production" }, logger });
  const verify = () => Promise.reject(new Error("too many hashes are waiting"));
  await warnOfDevelopmentPeople({ ...deps, passwordHasher: { ...deps.passwordHasher, verify } });
  assertEquals(warnings, ["the users of a development server were not looked for"]);
});
