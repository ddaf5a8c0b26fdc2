import { StoreUnavailable } from "./store_errors.ts";

/** Whether a store cannot be opened because of its token: it is not set, or the server refuses it. */
export function isAboutToken(error: unknown): boolean {
  return isTokenMissing(error) || isTokenRefused(error);
}

/**
 * Why a KV Connect server cannot be used, and what to check. Of the words of Deno's client it repeats only
 * those about the connection: its others hold the body of the answer.
 * @param error what opening the store has thrown; undefined: nothing answered in time
 */
export function reasonOf(error: unknown): string {
  if (isTokenMissing(error)) {
    return "DENO_KV_ACCESS_TOKEN is missing: set it to the token of the KV Connect server";
  }
  if (isTokenRefused(error)) {
    return "the KV Connect server refuses the token in DENO_KV_ACCESS_TOKEN: set it to the server's";
  }
  const [, status] = /responded with status (\d{3})/.exec(messageOf(error)) ?? [];
  // A server that is just starting, or the balancer before it, answers with these.
  if (status?.startsWith("5")) {
    return `the KV Connect server answers with the status ${status}: check LATCHKEY_KV and the server`;
  }
  if (status !== undefined) {
    return `what LATCHKEY_KV names answers with the status ${status}, as no KV Connect server does: \
check the URL`;
  }
  const [, connecting] = /client error \(Connect\): ([^\n]{1,200})/.exec(messageOf(error)) ?? [];
  const why = connecting === undefined ? "" : ` (${connecting})`;
  return `the KV Connect server did not answer${why}: check LATCHKEY_KV and the server`;
}

/** What a process says that ends because its store failed during the start; null: that is not why. */
export function failedAtStart(error: unknown): string | null {
  if (!(error instanceof StoreUnavailable)) return null;
  if (isAboutToken(error.cause)) return reasonOf(error.cause);
  const why = withoutBody(messageOf(error.cause)) || error.message;
  return `the store failed while the server started (${why}): see that it works, and start again`;
}

/** The words of Deno's client, which end where those of another server begin. */
function withoutBody(message: string): string {
  const [own = ""] = /^(KV Connect.*?\(status=[^)]*\)|Failed to fetch metadata)/.exec(message) ??
    message.split("\n");
  return own.slice(0, 200);
}

function isTokenMissing(error: unknown): boolean {
  return messageOf(error).startsWith("Missing DENO_KV_ACCESS_TOKEN");
}

/** Deno 2.5 tells the body of the answer alone: these are denokv's words. */
function isTokenRefused(error: unknown): boolean {
  return /responded with status 40[13]\b|: Invalid access token/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
