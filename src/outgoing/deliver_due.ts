import type { ClientOutbox, Due } from "../../stores/client_outbox.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import type { Deps } from "../deps/deps.ts";

/** An outbox: its messages that wait, and how one of them is sent. */
export interface Outbox {
  /** The messages that wait, in the order of time. */
  pages(): AsyncIterable<readonly Due[]>;
  /**
   * Sends one message, if it is due and no other worker has it.
   * @returns null: another worker has it, or its client is not called at the moment
   */
  deliver(due: Due): Promise<"told" | "failed" | null>;
}

export interface Told {
  readonly told: number;
  readonly failed: number;
  /** Epoch seconds of the next attempt; null: no message waits. */
  readonly nextDueAt: number | null;
}

/** Seconds for which only one worker has a message: longer than sending it takes. */
export const leaseLifetime = 60;
/** Messages that are under way at the same time, in all and to one client: a slow one delays no other. */
const mostUnderWay = 10;
const mostToOneClient = 2;
/** Milliseconds after which the list is read again, although nothing that is under way has ended. */
const lookAgain = 500;

/**
 * Sends the messages of an outbox that are due. Each client is told at least once: if a worker dies between
 * sending a message and recording that, another one sends it again. Several workers share the work.
 * @param ending once aborted, no other message is begun: a long queue must not hold up the end of the process
 * @throws {StoreUnavailable}
 */
export async function deliverDue(
  deps: Pick<Deps, "clock" | "timers">,
  outbox: Outbox,
  ending?: AbortSignal,
): Promise<Told> {
  const count = { told: 0, failed: 0 };
  const underWay = new Map<string, { readonly clientId: string; readonly work: Promise<void> }>();
  // A message that could not be taken is not tried again in this pass, unless it has moved.
  const passed = new Set<string>();
  const errors: unknown[] = [];
  const begin = (due: Due, place: string) => {
    const work = outbox.deliver(due).then((outcome) => {
      if (outcome === null) passed.add(place);
      else count[outcome]++;
    }).catch((error) => errors.push(error)).then(() => void underWay.delete(due.messageId));
    underWay.set(due.messageId, { clientId: due.clientId, work });
  };
  for (;;) {
    let nextDueAt: number | null = null;
    let isIdle = true;
    // In pages: many messages may wait for a slow client in front of the others.
    for await (const page of outbox.pages()) {
      nextDueAt ??= page[0]?.time ?? null;
      const due = page.filter(({ time }) => time <= deps.clock.seconds());
      for (const one of due) {
        const place = `${one.messageId} ${one.time}`;
        if (passed.has(place) || ending?.aborted) continue;
        isIdle = false;
        const toSame = [...underWay.values()].filter(({ clientId }) => clientId === one.clientId);
        const isFull = underWay.size >= mostUnderWay || toSame.length >= mostToOneClient;
        if (!isFull && !underWay.has(one.messageId)) begin(one, place);
      }
      if (ending?.aborted || due.length < page.length || underWay.size >= mostUnderWay) break;
    }
    if (errors.length > 0) throw errors[0];
    if (underWay.size > 0) await firstOf(deps, [...underWay.values()].map(({ work }) => work));
    else if (isIdle) return { ...count, nextDueAt };
  }
}

/** The messages of an outbox that wait, in the order of time. */
export async function* duePages(
  deps: Pick<Deps, "kv">,
  { due, dueOf }: Pick<ClientOutbox<unknown>, "due" | "dueOf">,
): AsyncGenerator<readonly Due[]> {
  for await (const entries of eachPage(deps, { collection: due, limit: 100 })) {
    yield entries.map(dueOf);
  }
}

async function firstOf(deps: Pick<Deps, "timers">, works: readonly Promise<void>[]) {
  const over = new AbortController();
  await Promise.race([...works, deps.timers.sleep(lookAgain, over.signal)])
    .finally(() => over.abort());
}
