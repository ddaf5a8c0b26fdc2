import { systemClock } from "../../stores/engine/kv.ts";
import type { Config } from "../config/config.ts";
import { later } from "../deps/later.ts";
import { type Mailer, missingMailer } from "../deps/mailer.ts";
import type { Logger } from "../telemetry/logger.ts";
import { consoleMailer } from "./console_mailer.ts";

/** The platform functions that the mailers of a real server need. */
export interface MailerSurroundings {
  readonly fetch: typeof fetch;
  /** Shows a mail in a developer's terminal. */
  readonly print: (text: string) => void;
  readonly logger: Logger;
}

/** The mailer that the configuration selects. In production without mail settings, it logs a warning. */
export function configuredMailer(
  { environment, mail }: Config,
  { fetch, print, logger }: MailerSurroundings,
): Mailer {
  if (mail?.kind === "smtp") {
    return loadedLater(async () => (await import("./smtp_mailer.ts")).smtpMailer(mail));
  }
  if (mail?.kind === "http") {
    return loadedLater(async () =>
      (await import("./http_mailer.ts")).httpMailer({ ...mail, fetch })
    );
  }
  if (mail === null && environment === "development") return consoleMailer(print, systemClock);
  if (mail === null) {
    logger.warn(
      "no mail can be sent, each ends as a dead letter: set LATCHKEY_MAIL to smtp or http",
    );
  }
  return missingMailer;
}

/** A mailer whose code is loaded with the first mail. */
function loadedLater(load: () => Promise<Mailer>): Mailer {
  const mailer = later(load);
  return { send: (mail, signal) => mailer.use((one) => one.send(mail, signal)) };
}
