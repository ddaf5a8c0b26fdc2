import { inBatches } from "../../stores/engine/batches.ts";
import { isPresent, type Present } from "../../stores/engine/collection.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { isSameClient } from "../../stores/client_identity.ts";
import * as clients from "../../stores/clients.ts";
import type { Client } from "../../stores/clients.ts";
import * as logoutOutbox from "../../stores/logout_outbox.ts";
import * as sessionClients from "../../stores/session_clients.ts";
import type { SessionClient } from "../../stores/session_clients.ts";
import { sidFor } from "../claims/session_id.ts";
import type { Deps } from "../deps/deps.ts";
import { withQuery } from "../protocol/redirect_url.ts";
import { deliver } from "./deliver.ts";
import { fanOutSession, isReachable, messageIdOf } from "./fan_out.ts";

/** A client of a session that has ended, as the logged-out page names it. */
export interface ToldClient {
  readonly name: string;
  /** Back channel: whether it was told by now. `asked`: only the browser can tell it. */
  readonly state: "told" | "waiting" | "failed" | "asked";
  /** What the browser opens in a frame; null: nothing. */
  readonly frameUrl: string | null;
}

/** The most clients of a session that the browser tells: for each, the page opens a frame. */
const mostFramed = 100;
/** The most that the page names, and waits for. All others are told too. */
const mostNamed = 20;
/** Milliseconds for which the page waits for clients that are told through the back channel. */
const patience = 2000;

/** The clients of a session, to be read before it ends. Unchecked. */
export async function clientsOfSession(
  deps: Pick<Deps, "kv">,
  sessionId: string,
): Promise<readonly Present<SessionClient>[]> {
  const prefix = [sessionId];
  const { entries } = await deps.kv.list({
    collection: sessionClients.all,
    prefix,
    limit: mostFramed,
  });
  return entries;
}

/**
 * Tells what becomes of the clients of a session that has just ended.
 *
 * @param waits whether to tell them now, as far as they answer soon. A worker tells the others.
 */
export async function toldClients(
  deps: Deps,
  noted: readonly Present<SessionClient>[],
  { waits }: { readonly waits: boolean },
): Promise<readonly ToldClient[]> {
  const [first] = noted;
  if (first === undefined) return [];
  const refs = noted.map((entry) => clients.ref(sessionClients.clientIdOf(entry)));
  const found = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
  const called = noted.filter((entry, n) => isReachable(found[n]?.value ?? null, entry.value));
  if (waits && called.length > 0) {
    await tellNow(deps, sessionClients.sessionIdOf(first), called.slice(0, mostNamed));
  }
  const messages = await deps.kv.step(
    systemOrigin,
    (tx) => inBatches(tx, called.map((entry) => logoutOutbox.ref(messageIdOf(entry)))),
  );
  const told = noted.map(async (entry, n): Promise<ToldClient[]> => {
    const client = found[n]?.value ?? null;
    if (client === null || !isSameClient(client, entry.value)) return [];
    const message = messages[called.indexOf(entry)]?.value ?? null;
    const frameUrl = frontchannelUrl(
      deps,
      client,
      await sidFor(deps, client, entry.value.sid),
    );
    const state = client.backchannelLogoutUri === null ? "asked" : stateOf(message);
    return [{ name: client.clientName, state, frameUrl }];
  });
  return (await Promise.all(told)).flat();
}

/** Sends the messages of a session at once, but waits for them only for a moment. */
async function tellNow(
  deps: Deps,
  sessionId: string,
  called: readonly Present<SessionClient>[],
) {
  const over = new AbortController();
  const telling = deps.background.begin(async () => {
    try {
      await fanOutSession(deps, sessionId);
      const refs = called.map((entry) => logoutOutbox.ref(messageIdOf(entry)));
      const messages = await deps.kv.step(systemOrigin, (tx) => inBatches(tx, refs));
      await Promise.all(
        messages.filter(isPresent).map((message) =>
          deliver(deps, {
            messageId: logoutOutbox.idOf(message),
            time: message.value.nextAttemptAt,
            clientId: message.value.clientId,
          })
        ),
      );
    } catch (error) {
      deps.logger.warn("clients could not be told of a logout; it is tried again", { error });
    }
  });
  await Promise.race([telling, deps.timers.sleep(patience, over.signal)]);
  over.abort();
}

function stateOf(message: logoutOutbox.LogoutMessage | null): ToldClient["state"] {
  if (message === null) return "waiting";
  if (message.toldAt !== null) return "told";
  return message.failedAt === null ? "waiting" : "failed";
}

/**
 * The client's registered URI, which stays exactly as it is, with the issuer and the session.
 * @see OpenID Connect Front-Channel Logout section 3
 */
function frontchannelUrl(
  { config }: Pick<Deps, "config">,
  { frontchannelLogoutUri: uri }: Client,
  sid: string,
): string | null {
  return uri === null ? null : withQuery(uri, { iss: config.issuer, sid });
}
