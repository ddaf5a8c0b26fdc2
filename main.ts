import { migrations } from "./migrations/index.ts";
import { MigrationRefused, type MigrationRunner, runMigrations } from "./migrations/runner.ts";
import { passwordHasherLoadedLater } from "./src/authn/passwords/hasher_loaded_later.ts";
import { allocatorVariable, allocatorWarning } from "./src/boot/allocator.ts";
import { bootstrap } from "./src/boot/bootstrap.ts";
import { cronJobs, runCronJob } from "./src/boot/cron.ts";
import { newDeps } from "./src/boot/new_deps.ts";
import { listen } from "./src/boot/server.ts";
import { secondSignal, stopSignal } from "./src/boot/signals.ts";
import { createServerApp, type ServerApp } from "./routes/server_app.ts";
import { makeBrand } from "./src/branding/brand.ts";
import type { Config } from "./src/config/config.ts";
import { cannotBeRead, ConfigError } from "./src/config/config_error.ts";
import { readConfig } from "./src/config/read_config.ts";
import { configVariables, storeToken } from "./src/config/variables.ts";
import { type MasterKey, masterKey } from "./src/crypto/master_key.ts";
import { systemRandom } from "./src/crypto/random.ts";
import type { Deps } from "./src/deps/deps.ts";
import { tellOfFailedLoads } from "./src/deps/later.ts";
import { configuredMailer } from "./src/mail/configured_mailer.ts";
import { loadTelemetry } from "./src/telemetry/collector.ts";
import { kvObserver } from "./src/telemetry/kv_observer.ts";
import { consoleLogger } from "./src/telemetry/logger.ts";
import { systemClock, systemTimers } from "./stores/engine/kv.ts";
import { endThoseInFile } from "./stores/engine/leases.ts";
import { StoreNotOpened } from "./stores/engine/local_file.ts";
import { openStore, storeName } from "./stores/engine/open.ts";

/**
 * Reads the configuration, opens the store, runs migrations and bootstrap, serves until a signal comes,
 * and then closes everything.
 * @param onStarted called when the provider can do its work
 */
async function main(onStarted: (deps: Deps) => void) {
  await loadTelemetry();
  const env = await environment();
  const config = await completed(readConfig(env, Deno.readTextFileSync), env);
  const logger = consoleLogger(
    config.logLevel,
    config.environment === "production" ? "json" : "text",
  );
  const allocator = allocatorWarning({
    os: Deno.build.os,
    libc: Deno.build.env,
    threshold: env[allocatorVariable],
    onDeploy: config.onDeploy,
  });
  if (allocator !== null) logger.warn(allocator);
  const [backend, sealing, brand] = await Promise.all([
    openStore(config.kv, systemTimers),
    masterKeyOf(config),
    makeBrand(config.brand, Deno.readFile),
  ]);
  logger.debug(`the state is in ${storeName(config.kv)}`);
  const hasher = passwordHasherLoadedLater(systemRandom);
  const native = config.nativeCrypto !== null && await import("./src/boot/native_signing.ts");
  const stopping = new AbortController();
  const deps = newDeps({
    config,
    backend,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    masterKey: sealing,
    passwordHasher: hasher,
    brand,
    mailer: configuredMailer(config, { fetch, print: (text) => console.log("%s", text), logger }),
    logger,
    observer: kvObserver(logger),
    nativeSigning: native ? await native.nativeSigning(config, logger) : null,
    stopping: stopping.signal,
  });
  tellOfFailedLoads((error) => deps.health.notice("code_not_loaded", error));
  await endThoseInFile(deps.kv);
  const runner = {
    ...deps,
    migrations,
    readSource: Deno.readFile,
    log: (message: string) => logger.info(message),
  };
  await runMigrations({ ...runner, beforeServing: true });
  const bootstrapText = config.bootstrapFile && await readBootstrap(config.bootstrapFile);
  const { developmentPeople } = await bootstrap(deps, { bootstrapText });

  // Each key signs natively only after WebCrypto has verified what it signs, so that is done here.
  if (config.nativeCrypto !== null) await deps.health.check();

  onStarted(deps);
  const app = createServerApp(deps);
  const server = await listen(config, app.fetch, deps);
  const { host, port, socket } = config;
  logger.info(`listening for ${config.issuer}`, socket === null ? { host, port } : { socket });
  if (config.environment === "development") {
    const { announceDevelopment } = await import("./src/boot/development_announcement.ts");
    announceDevelopment(deps, developmentPeople);
  }

  const ending = new AbortController();
  const working = afterListening(deps, app, runner, ending.signal);
  await Promise.race([stopSignal(), working, server.failed]);
  stopping.abort();
  logger.info(`stopping: unready, and answering for ${config.drainTime} seconds more`);
  await server.drain(config.drainTime * 1000, secondSignal(ending.signal));
  ending.abort();
  await working;
  await deps.background.ended(); // what the workers have begun, too
  await deps.kv.close();
  hasher.close();
}

/** Milliseconds between listening and reading the code of the endpoints, for a first request. */
const quietBeforeEndpoints = 50;

/**
 * Does all other work of the process, until it ends or a part has failed. It begins after a moment: a process
 * that was started for a request answers that first.
 */
async function afterListening(
  deps: Deps,
  app: ServerApp,
  runner: MigrationRunner,
  ending: AbortSignal,
) {
  const migrate = async () => {
    const { migrateWhileServing } = await import("./migrations/while_serving.ts");
    const { pacer } = await import("./stores/engine/pacer.ts");
    await migrateWhileServing({ ...runner, giveWay: pacer(deps) }, deps.logger);
  };
  try {
    await quietMoment(ending);
    if (ending.aborted) return;
    await app.loadEndpoints();
    const { workAfterListening } = await import("./src/boot/after_listening.ts");
    const later = { loadPages: app.loadPages, readAllFiles: () => readAll(deps), migrate };
    await workAfterListening(deps, later, ending);
  } catch (error) {
    // Only a new process can load that part again.
    deps.logger.error("a part of the server failed, and the process ends", { error });
    Deno.exitCode = 1;
  }
}

/** Without `setTimeout`: at its first use Deno loads parts of Node, a quarter of what a bare server takes. */
async function quietMoment(ending: AbortSignal) {
  if (ending.aborted) return;
  const over = AbortSignal.timeout(quietBeforeEndpoints);
  await new Promise((resolve) => {
    for (const signal of [over, ending]) signal.addEventListener("abort", resolve, { once: true });
  });
}

/** Where nobody replaces the files below a process, there is no need. */
async function readAll({ config }: Deps) {
  if (config.onDeploy) return;
  const { readAllFiles } = await import("./all_files.ts");
  await readAllFiles();
}

/**
 * The variables that this process may read: all of them, or only its own if a task started it. Then the
 * names of all variables cannot be listed, so tools/check_environment.ts looks for misspelt ones before.
 */
async function environment(): Promise<Record<string, string | undefined>> {
  const { state } = await Deno.permissions.query({ name: "env" });
  if (state === "granted") return Deno.env.toObject();
  const env: Record<string, string | undefined> = {};
  for (const variable of [...configVariables, storeToken, allocatorVariable]) {
    const { state } = await Deno.permissions.query({ name: "env", variable });
    if (state === "granted") env[variable] = Deno.env.get(variable);
  }
  return env;
}

/** In development the server takes the first free port, and the issuer follows it. */
async function completed(
  config: Config,
  env: Record<string, string | undefined>,
): Promise<Config> {
  if (config.environment !== "development" || env.LATCHKEY_ISSUER !== undefined) return config;
  const { nextFreePort } = await import("./development.ts");
  const port = nextFreePort(config.host, config.port);
  if (port !== config.port) console.log(`Port ${config.port} is taken: using ${port} instead.`);
  return { ...config, port, issuer: `http://localhost:${port}` };
}

/** Only a development server may have none in its configuration. */
async function masterKeyOf({ masterKey: given, masterKeyPrevious }: Config): Promise<MasterKey> {
  const key = given ?? await (await import("./development.ts")).localMasterKey();
  return await masterKey(key, masterKeyPrevious, systemRandom);
}

async function readBootstrap(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new ConfigError("LATCHKEY_BOOTSTRAP", `names ${path}, which ${cannotBeRead(error)}`);
  }
}

if (import.meta.main) {
  const started = Promise.withResolvers<Deps>();
  // Before the first await: Deno Deploy looks for cron jobs when the module is loaded.
  for (const job of cronJobs) {
    Deno.cron(job.name, job.schedule, () => runCronJob(job, started.promise));
  }
  try {
    await main(started.resolve);
    Deno.exit(); // cron jobs, and connections that send nothing, would keep the process
  } catch (error) {
    // An error that the operator can fix is one sentence. Any other is a bug, with its stack.
    const { MigrationFailed } = await import("./migrations/failed.ts");
    const { failedAtStart } = await import("./stores/engine/not_connected.ts");
    const mendable = [ConfigError, StoreNotOpened, MigrationRefused, MigrationFailed];
    const isMendable = mendable.some((kind) => error instanceof kind);
    const told = isMendable ? (error as Error).message : failedAtStart(error);
    if (told === null) throw error;
    console.error(told);
    Deno.exit(1);
  }
}
