import { auditEventKinds } from "../../stores/audit_event_types.ts";
import * as auditBlocks from "../../stores/audit_blocks.ts";
import type { BlockPlace } from "../../stores/audit_blocks.ts";
import { eachPage } from "../../stores/engine/each_entry.ts";
import { assertHeld, type Lease } from "../../stores/engine/leases.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { retentionOf } from "../config/config.ts";
import type { Deps } from "../deps/deps.ts";
import { comparePlaces, isUpTo, type Place, type StoredEvent } from "./events_in_order.ts";
import type { WriteBehind } from "./write_behind.ts";

/** Makes blocks of the events that it sees, which must come in the order of time and without gaps. */
export interface BlockBuilder {
  see(event: StoredEvent): Promise<void>;
  /** Makes a last block of the rest. */
  end(): Promise<void>;
}

/**
 * @param from the place where the events begin that it will see
 * @param before epoch milliseconds: a later event may still get neighbours, so it gets no block yet
 */
export async function blockBuilder(
  deps: Deps,
  lease: Lease,
  { from, before, writes }: {
    readonly from: Place;
    readonly before: number;
    readonly writes: WriteBehind;
  },
): Promise<BlockBuilder> {
  const done = await lastPlace(deps, lease);
  let begin: BlockPlace = [Math.floor(Number(from[0])), String(from[1] ?? "")];
  if (done !== null && comparePlaces(begin, done) < 0) begin = done;
  let events: StoredEvent[] = [];
  return {
    async see(stored) {
      if (stored.event.time >= before || (done !== null && isUpTo(stored, done))) return;
      events.push(stored);
      if (events.length === auditBlocks.eventsPerBlock) await close();
    },
    end: close,
  };

  async function close() {
    const newest = events.at(-1);
    if (newest === undefined) return;
    const to: BlockPlace = [newest.event.time, newest.id];
    const block = { begin, to, events: events.map(({ event }) => event) };
    events = [];
    begin = to;
    await writes.start(() =>
      deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        // An event lives as long as its kind says, but a cleanup removes it up to a day later.
        const expiresAt = Math.floor(to[0] / 1000) + longestRetention(deps) + 2 * 86_400;
        if (expiresAt > tx.now) auditBlocks.add(tx, { ...block, expiresAt });
      })
    );
  }
}

/** The place where the last block ends. Blocks that end in the future are deleted. @returns null: there is none */
async function lastPlace(deps: Deps, lease: Lease): Promise<BlockPlace | null> {
  const now = deps.clock.milliseconds();
  const fromLast = { collection: auditBlocks.all, limit: 10, reverse: true } as const;
  for await (const blocks of eachPage(deps, fromLast)) {
    const wrong = blocks.filter((block) => auditBlocks.isOfFuture(block, now));
    if (wrong.length > 0) {
      await deps.kv.step(systemOrigin, async (tx) => {
        await assertHeld(tx, lease);
        for (const block of wrong) auditBlocks.remove(tx, block);
      });
    }
    const last = blocks.find((block) => !auditBlocks.isOfFuture(block, now));
    if (last !== undefined) return last.value.to;
  }
  return null;
}

function longestRetention({ config }: Deps): number {
  return Math.max(...auditEventKinds.map((kind) => retentionOf(config.lifetimes, kind)));
}
