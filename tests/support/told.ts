import type { KvBackend } from "../../stores/engine/kv.ts";
import { bob } from "./authorization.ts";
import { countedKv } from "./counted_kv.ts";
import type { UserEntry } from "./provider.ts";

/** An observer of everything that could reveal whether an account exists: the answer, and the work. */
export interface Eavesdropper {
  readonly wrap: (backend: KvBackend) => KvBackend;
  /** Lets something be done. @returns what work it was */
  watch(done: () => Promise<unknown>): Promise<Work>;
  /** Sends a request. @returns what its answer says, and what work it was */
  listen(request: () => Promise<Response>): Promise<Told>;
}

export interface Work {
  /** The round trips to the store. */
  readonly calls: readonly string[];
  /** For each commit: the changed families, and how they change. */
  readonly batches: readonly string[];
}

export interface Told extends Work {
  readonly status: number;
  readonly location: string | null;
  /** The names of the headers. */
  readonly names: readonly string[];
  readonly body: string;
}

export function anEavesdropper(): Eavesdropper {
  const { calls, wrap } = countedKv();
  const batches: string[] = [];
  const watch = async (done: () => Promise<unknown>) => {
    calls.length = batches.length = 0;
    await done();
    return { calls: [...calls], batches: [...batches] };
  };
  return {
    watch,
    wrap(store) {
      const noted = wrap({
        ...store,
        commit(batch) {
          batches.push(batch.mutations.map(({ type, key }) => `${type} ${String(key[0])}`).join());
          return store.commit(batch);
        },
      });
      return {
        ...noted,
        getMany: (keys) => (areCounts(keys) ? store : noted).getMany(keys),
        commit: (batch) =>
          (areCounts(batch.mutations.map(({ key }) => key)) ? store : noted).commit(batch),
      };
    },
    async listen(request) {
      let response = Response.error();
      const work = await watch(async () => response = await request());
      return {
        status: response.status,
        location: response.headers.get("location"),
        names: [...response.headers.keys()],
        body: await response.text(),
        ...work,
      };
    },
  };
}

/** How often requests are counted depends on how many there were, whoever they are about. */
function areCounts(keys: readonly Deno.KvKey[]): boolean {
  const families = keys.map(([family]) => family).filter((family) => family !== "step_markers");
  return families.length > 0 && families.every((family) => family === "request_counts");
}

/** The user who will be suspended. */
export const bobWithAddress: UserEntry = {
  ...bob,
  claims: { email: "bob@example.com", email_verified: true },
};

/** The user whose address is not verified. */
export const carol: UserEntry = {
  username: "carol",
  password: "a password of carol",
  claims: { email: "carol@example.com", email_verified: false },
};
