import { assertEquals } from "@std/assert";
import type { Due } from "../../stores/client_outbox.ts";
import { deliverDue } from "../../src/outgoing/deliver_due.ts";
import { testClock } from "../support/clock.ts";

Deno.test("a process that ends finishes the messages that it has begun, and begins no others", async () => {
  const clock = testClock();
  const time = clock.seconds();
  let waiting = Array.from(
    { length: 30 },
    (_, n): Due => ({ messageId: `message${n}`, clientId: `client${n}`, time }),
  );
  const ending = new AbortController();
  const outbox = {
    async *pages() {
      yield await Promise.resolve(waiting);
    },
    deliver({ messageId }: Due) {
      ending.abort();
      waiting = waiting.filter((due) => due.messageId !== messageId);
      return Promise.resolve("told" as const);
    },
  };
  const told = await deliverDue({ clock, timers: clock.timers }, outbox, ending.signal);
  assertEquals(told, { told: 1, failed: 0, nextDueAt: time });
});
