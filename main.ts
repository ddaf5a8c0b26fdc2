import { migrations } from "./migrations/index.ts";
import { MigrationRefused, runMigrations } from "./migrations/runner.ts";
import { MigrationFailed } from "./migrations/apply.ts";
import { createApp } from "./routes/app.ts";
import { passwordHasher } from "./src/authn/passwords/hasher.ts";
import { bootstrap } from "./src/boot/bootstrap.ts";
import { makeBrand } from "./src/branding/brand.ts";
import { cannotBeRead, type Config, ConfigError } from "./src/config/config.ts";
import { cronJobs } from "./src/boot/cron.ts";
import { masterKey } from "./src/crypto/master_key.ts";
import { systemRandom } from "./src/crypto/random.ts";
import type { Deps } from "./src/deps/deps.ts";
import { createBell } from "./src/deps/bell.ts";
import { consoleMailer } from "./src/mail/console_mailer.ts";
import { httpMailer } from "./src/mail/http_mailer.ts";
import { type Mailer, missingMailer } from "./src/deps/mailer.ts";
import { smtpMailer } from "./src/mail/smtp_mailer.ts";
import { runMailWorker } from "./src/mail/worker.ts";
import { localMasterKey, nextFreePort } from "./development.ts";
import { readConfig } from "./src/config/read_config.ts";
import { count } from "./src/telemetry/counters.ts";
import { kvObserver } from "./src/telemetry/kv_observer.ts";
import { consoleLogger, type Logger } from "./src/telemetry/logger.ts";
import { createSigner } from "./src/keys/signer.ts";
import { systemClock, systemTimers } from "./stores/engine/kv.ts";
import { StoreNotOpened } from "./stores/engine/local_file.ts";
import { openStore, storeName } from "./stores/engine/open.ts";
import { keepWatch } from "./stores/engine/outage_watch.ts";
import { createKv, type Kv } from "./stores/engine/step.ts";

/**
 * Config, store, migrations, bootstrap, app; then serves until a signal, and lets go of everything.
 *
 * @param onStarted called when the provider can do its work
 */
async function main(onStarted: (deps: Deps) => void) {
  const config = await completed(readConfig(Deno.env.toObject(), Deno.readTextFileSync));
  const logger = consoleLogger(
    config.logLevel,
    config.environment === "production" ? "json" : "text",
  );
  const brand = await makeBrand(config.brand, Deno.readFile);
  const kv = await openedKv(config, logger);
  const hasher = passwordHasher(systemRandom);
  const key = config.masterKey ?? await localMasterKey();
  const sealing = await masterKey(key, config.masterKeyPrevious, systemRandom);
  const deps: Deps = {
    config,
    kv,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    masterKey: sealing,
    signer: createSigner(kv, sealing),
    passwordHasher: hasher,
    brand,
    mailer: mailerOf(config, logger),
    mailBell: createBell(systemTimers),
    logger,
  };
  await runMigrations({
    kv,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    migrations,
    readSource: Deno.readFile,
    log: (message) => logger.info(message),
  });
  const bootstrapText = config.bootstrapFile && await readBootstrap(config.bootstrapFile);
  const { setupLink, developmentPeople } = await bootstrap(deps, { bootstrapText });

  onStarted(deps);
  const stopping = new AbortController();
  const mailWorker = runMailWorker(deps, stopping.signal);
  const watch = config.kv.kind === "remote"
    ? keepWatch(kv, systemTimers, stopping.signal)
    : Promise.resolve();
  const app = createApp(deps);
  const inFlight = new Set<Promise<Response>>();
  const server = listen(config, (request, { remoteAddr }) => {
    const answer = Promise.resolve(app.fetch(request, {
      ...(remoteAddr.transport === "tcp" ? { remoteAddress: remoteAddr.hostname } : {}),
    }));
    inFlight.add(answer);
    return answer.finally(() => inFlight.delete(answer));
  });
  logger.info(`listening for ${config.issuer}`, { host: config.host, port: config.port });
  for (const { username, password } of developmentPeople) {
    logger.info(`sign in as ${username} with the password ${password}`);
  }
  if (config.environment === "development") logger.info(`try it: ${config.issuer}/dev/app`);
  if (setupLink !== null) logger.info(`make the first administrator: ${setupLink}`);

  await stopSignal();
  logger.info("stopping: requests in flight are answered first");
  await allAnswered(inFlight);
  await server.shutdown();
  stopping.abort();
  await Promise.all([mailWorker, watch]);
  await kv.close();
  hasher.close();
}

/** In development the port is whatever is free, and the issuer follows it. */
async function completed(config: Config): Promise<Config> {
  if (config.environment !== "development" || Deno.env.has("LATCHKEY_ISSUER")) return config;
  const port = nextFreePort(config.host, config.port);
  if (port !== config.port) console.log(`Port ${config.port} is taken: using ${port} instead.`);
  return await Promise.resolve({ ...config, port, issuer: `http://localhost:${port}` });
}

async function readBootstrap(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new ConfigError("LATCHKEY_BOOTSTRAP", `names ${path}, which ${cannotBeRead(error)}`);
  }
}

function listen({ host, port }: Config, handler: Deno.ServeHandler<Deno.NetAddr>) {
  try {
    return Deno.serve({ hostname: host, port, onListen() {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ConfigError("PORT", `${port} is taken: stop what listens there, or set another one`);
  }
}

function mailerOf({ environment, mail }: Config, logger: Logger): Mailer {
  if (mail?.kind === "smtp") return smtpMailer(mail);
  if (mail?.kind === "http") return httpMailer({ ...mail, fetch });
  if (mail === null && environment === "development") {
    return consoleMailer((text) => console.log("%s", text));
  }
  if (mail === null) {
    logger.warn(
      "no mail can be sent, each ends as a dead letter: set LATCHKEY_MAIL to smtp or http",
    );
  }
  return missingMailer;
}

async function openedKv(config: Config, logger: Logger): Promise<Kv> {
  const backend = await openStore(config.kv, systemTimers);
  logger.debug(`the state is in ${storeName(config.kv)}`);
  return createKv(backend, {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    observer: kvObserver(logger),
  });
}

/** Deno's own shutdown breaks off bodies that are still arriving, so they get a few seconds before. */
async function allAnswered(inFlight: ReadonlySet<Promise<Response>>) {
  const answered = new AbortController();
  await Promise.race([
    Promise.allSettled(inFlight).finally(() => answered.abort()),
    systemTimers.sleep(5000, answered.signal),
  ]);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => resolve();
    Deno.addSignalListener("SIGINT", stop);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  });
}

/** Declared before anything is awaited: Deno Deploy looks for cron jobs when the module is loaded. */
function declareCron(started: Promise<Deps>, signal: AbortSignal) {
  for (const { name, schedule, run } of cronJobs) {
    Deno.cron(name, schedule, { signal }, async () => {
      const deps = await started;
      try {
        await run(deps);
        count("latchkey.cron.runs", { job: name, outcome: "done" });
      } catch (error) {
        count("latchkey.cron.runs", { job: name, outcome: "failed" });
        deps.logger.error(`the cron job "${name}" failed`, { error });
      }
    });
  }
}

if (import.meta.main) {
  const started = Promise.withResolvers<Deps>();
  const stopping = new AbortController();
  declareCron(started.promise, stopping.signal);
  try {
    await main(started.resolve);
    stopping.abort();
  } catch (error) {
    // What an operator can mend is one sentence; anything else is a bug, with its stack.
    const mendable = [ConfigError, StoreNotOpened, MigrationRefused, MigrationFailed];
    if (!mendable.some((kind) => error instanceof kind)) throw error;
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
