import type { BrowserContext, ConsoleMessage, Request } from "playwright-core";

/** Remembers what the pages of a browser do that no page of ours may do. */
export interface Watch {
  /** Sentences about requests to elsewhere, script errors and refusals by the content security policy. */
  readonly complaints: readonly string[];
}

/** @param mayLog messages of the console that are no complaint */
export function watchPages(context: BrowserContext, issuer: string, mayLog?: RegExp): Watch {
  const complaints: string[] = [];
  const documents = new Set<string>();
  const isOurs = (url: string) => url === issuer || url.startsWith(`${issuer}/`);

  context.on("request", (request) => {
    if (request.isNavigationRequest()) documents.add(request.url());
    else if (isOurs(pageOf(request)) && !isOurs(request.url()) && !isInline(request.url())) {
      complaints.push(`${pageOf(request)} asked for ${request.url()}`);
    }
  });
  context.on("console", (message) => {
    if (message.type() !== "error" || mayLog?.test(message.text())) return;
    if (isAboutTheAnswer(message, documents) || isOvertaken(message)) return;
    complaints.push(`the console of ${message.page()?.url()} says: ${message.text()}`);
  });
  context.on("weberror", (error) => {
    complaints.push(`a script of ${error.page()?.url()} failed: ${error.error()}`);
  });
  return { complaints };
}

function pageOf(request: Request): string {
  return request.serviceWorker()?.url() ?? request.frame().url();
}

function isInline(url: string): boolean {
  return /^(data|blob):/.test(url);
}

/** Chromium logs the status of a page that is an answer to a mistake, which is as it should be. */
function isAboutTheAnswer(message: ConsoleMessage, documents: ReadonlySet<string>): boolean {
  return message.text().startsWith("Failed to load resource: the server responded") &&
    documents.has(message.location().url);
}

/**
 * The sign-in page asks by itself for what its suggestions of passkeys need. A person who is quicker
 * has finished the sign-in by then, and the answer that nobody waits for any more is a 400.
 */
function isOvertaken(message: ConsoleMessage): boolean {
  return /status of 400/.test(message.text()) &&
    new URL(message.location().url).pathname === "/login/passkey/options";
}
