import { floodLimit } from "../request_flood.ts";
import type { World } from "../world.ts";

/**
 * In no time that is as long as its window lets a limit pass more requests than it says, whatever the number
 * of processes. Only a process that owns its store may forget the requests of its last second when it is
 * killed.
 */
export function* withinLimits(world: World): Generator<string> {
  const { passedRequests: passed, counts, history } = world;
  if (!history.store.remote && counts.deaths > 0) return;
  for (const { sent: begin, jumps } of passed) {
    const end = begin + floodLimit.seconds * 1000;
    const within = passed.filter((one) =>
      one.jumps === jumps && one.sent >= begin && one.answered < end
    );
    if (within.length <= floodLimit.count) continue;
    yield `${within.length} requests passed a limit of ${floodLimit.count}`;
    return;
  }
}
