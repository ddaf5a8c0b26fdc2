import type { KvBackend } from "../../stores/engine/kv.ts";

type Kind = "getMany" | "commit";
type When = "before" | "after";

/** A call that waits, before or after it takes effect, until it is told to answer. */
interface HeldCall {
  readonly reached: Promise<void>;
  readonly applied: Promise<void>;
  answer(): void;
}

interface Hold {
  readonly kind: Kind;
  readonly when: When;
  readonly released: Promise<void>;
  reached(): void;
  applied(): void;
}

/** A store whose next call can be held up. */
export function heldKv(store: KvBackend) {
  const holds: Hold[] = [];
  const take = (kind: Kind) => {
    const at = holds.findIndex((hold) => hold.kind === kind);
    return at < 0 ? null : holds.splice(at, 1)[0] ?? null;
  };
  const backend: KvBackend = {
    ...store,
    getMany: (keys) => held(take("getMany"), () => store.getMany(keys)),
    commit: (batch) => held(take("commit"), () => store.commit(batch)),
  };
  return {
    backend,
    /** Holds up the next call of a kind that is not held up yet. */
    hold(kind: Kind, when: When = "after"): HeldCall {
      const reached = Promise.withResolvers<void>();
      const applied = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      holds.push({
        kind,
        when,
        reached: reached.resolve,
        applied: applied.resolve,
        released: released.promise,
      });
      return { reached: reached.promise, applied: applied.promise, answer: released.resolve };
    },
  };
}

async function held<T>(hold: Hold | null, call: () => Promise<T>): Promise<T> {
  if (hold === null) return await call();
  hold.reached();
  if (hold.when === "before") await hold.released;
  const answer = await call();
  hold.applied();
  if (hold.when === "after") await hold.released;
  return answer;
}
