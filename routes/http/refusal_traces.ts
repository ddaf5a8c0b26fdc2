import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { auditRefusal } from "../../src/audit/refused.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { addressBlock } from "../../src/limits/address_block.ts";
import { meaningOf } from "../../src/protocol/refusal_reasons.ts";
import { type Refusal, withRefusal } from "../../src/protocol/refusals.ts";
import type { AppEnv } from "./context.ts";
import { routeOf } from "./rate_limit.ts";

/**
 * Leaves a trace of every request that is refused, whichever route answered it: a line in the log, an
 * audit event where it concerns somebody's security, and in development a header of the answer.
 */
export function refusalTraces(deps: Deps) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const noted = await withRefusal(next);
    // The form that this page answers has left its trace when it came.
    if (c.get("refusedForm") === "shown") return;
    // A path or a method that there is not refuses nobody.
    if (c.res.status === 404 || c.res.status === 405) {
      // A page shows a reference, which finds a line in the log. There is nothing to audit.
      const isPage = c.get("endpoint")?.kind === "page";
      if (isPage && noted.reason !== null) log(deps, c, noted);
      return;
    }
    const refusal = { ...noted, reason: noted.reason ?? reasonOf(c) };
    if (refusal.reason === null) return;
    log(deps, c, refusal);
    if (deps.config.environment === "development") {
      c.res.headers.set("Latchkey-Reason", refusal.reason);
    }
    try {
      const { address } = c.get("origin");
      await auditRefusal(deps, c.get("origin"), refusal, addressBlock(address));
    } catch (error) {
      const { requestId } = c.get("origin");
      deps.logger.warn("a refusal was not written to the audit log", { requestId, error });
    }
  });
}

/** Of an answer that nobody gave a reason for: a form that was not filled in, for one. */
function reasonOf(c: Context<AppEnv>): Refusal["reason"] {
  const { status } = c.res;
  // A failure of the server has a line of its own.
  return c.get("refusedForm") === "sent" || (status >= 400 && status < 500)
    ? "invalid_request"
    : null;
}

/** Of normal operation: a client cannot know the first nonce, and browsers fetch ahead as they like. */
const expected: ReadonlySet<string> = new Set(["use_dpop_nonce", "opened_ahead"]);

function log(deps: Deps, c: Context<AppEnv>, { reason, detail, clientId, userId }: Refusal) {
  const { requestId, address } = c.get("origin");
  const who = clientId === null ? "a request was refused" : `client "${clientId}" was refused`;
  const why = meaningOf(reason ?? "") ?? detail ?? reason;
  const level = reason !== null && expected.has(reason) ? "debug" : "info";
  deps.logger[level](`${who} at ${c.req.method} ${routeOf(c)}: ${why}`, {
    requestId,
    reason,
    detail: detail ?? undefined,
    status: c.res.status,
    client: clientId ?? undefined,
    account: userId ?? undefined,
    address: address ?? undefined,
  });
}
