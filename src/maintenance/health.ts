import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import { troubleOf } from "../../stores/engine/store_trouble.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import * as providers from "../../stores/provider.ts";
import * as storeProbes from "../../stores/store_probes.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";
import type { Fault, Health, Unready } from "../deps/health.ts";

/** Milliseconds between two test writes: strangers can request `/readyz` as often as they like. */
const betweenWrites = { afterSuccess: 5000, afterFailure: 1000 };
/** Milliseconds between two log lines about the same fault. */
const betweenLines = 60_000;

type Surroundings = Pick<Deps, "kv" | "clock" | "random" | "signer" | "logger" | "stopping">;

/**
 * Checks whether the process can do its work: the store accepts a write and answers a read, its file is
 * not damaged, all code that was needed could be loaded, and every active signing key can be used.
 * @param surroundings called later, once they are complete: the store itself reports its faults here
 */
export function createHealth(surroundings: () => Surroundings): Health {
  let processId: string | null = null;
  let write: Promise<void> | null = null;
  let nextWriteAt = -Infinity;
  /** Why the store could not write, until it writes again. */
  let unwritable: { readonly cause: unknown } | null = null;
  // Never reset: further writes to a damaged file may damage it more, and code that failed to load stays
  // failed for the life of the process.
  let lasting: Unready | null = null;
  const toldAt = new Map<Fault, number>();

  const health: Health = {
    async check() {
      const { logger, stopping } = surroundings();
      // Requests are still served, so that a load balancer has time to switch to another process.
      if (stopping.aborted) return "stopping";
      if (lasting !== null) return lasting;
      try {
        await canRead();
        await canWrite();
        return lasting;
      } catch (error) {
        logger.warn("not ready", { error });
        return lasting ?? reasonOf(error);
      }
    },
    notice(fault, error, call) {
      const { clock, logger } = surroundings();
      if (fault === "damaged") lasting = "store_damaged";
      else if (fault === "code_not_loaded") lasting ??= fault;
      else {
        // A read fails on one page of a disk, which says little about writes: the next test write tells.
        if (call === "commit") unwritable = { cause: error };
        nextWriteAt = Math.min(nextWriteAt, clock.milliseconds() + betweenWrites.afterFailure);
      }
      const now = clock.milliseconds();
      if (now - (toldAt.get(fault) ?? -Infinity) < betweenLines) return;
      toldAt.set(fault, now);
      logger.error(lines[fault], { error });
    },
    wrote() {
      if (unwritable === null) return;
      unwritable = null;
      write = Promise.resolve(); // a test write that the full disk refused says nothing any more
    },
  };
  return health;

  async function canRead() {
    const { kv, signer } = surroundings();
    const { provider } = await kv.step(
      systemOrigin,
      (tx) => tx.read({ provider: providers.ref() }),
    );
    if (provider.value === null) throw new Error("the store has no provider record");
    await signer.load(provider.value);
  }

  /**
   * Makes a test write, or repeats the result of the last one. Between two of them, writes of requests
   * tell whether the disk has become full, or has room again.
   */
  async function canWrite() {
    await testWrite();
    if (unwritable !== null) throw unwritable.cause;
  }

  function testWrite(): Promise<void> {
    const { kv, clock, random } = surroundings();
    if (write !== null && clock.milliseconds() < nextWriteAt) return write;
    nextWriteAt = Infinity; // until this one is answered
    processId ??= randomId(random);
    const id = processId;
    write = Promise.all([
      kv.step(systemOrigin, (tx) => storeProbes.write(tx, id)),
      assertFileInPlace(),
    ]).then(
      () => {
        nextWriteAt = clock.milliseconds() + betweenWrites.afterSuccess;
      },
      (error) => {
        nextWriteAt = clock.milliseconds() + betweenWrites.afterFailure;
        throw error;
      },
    );
    return write;
  }

  async function assertFileInPlace() {
    if (await surroundings().kv.file?.isInPlace() ?? true) return;
    const error = new FileRemoved("the store's file is not at its path");
    health.notice("removed", error);
    throw error;
  }
}

class FileRemoved extends Error {}

const lines: Readonly<Record<Fault, string>> = {
  code_not_loaded: "a part of the server could not be loaded, and this process does not try again: \
see that its files are in place, and start the server again",
  damaged: "the store's file is damaged: stop the server and restore a backup",
  removed: "the store's file was removed or replaced, and what this process writes will be lost: \
stop the server, and put the file back or restore a backup",
  full: "the store cannot write, as its disk is full or fails: make room",
};

function reasonOf(error: unknown): Unready {
  if (error instanceof FileRemoved) return "store_removed";
  const trouble = troubleOf(error);
  if (trouble !== null) return `store_${trouble}`;
  return error instanceof StoreUnavailable ? "store_unavailable" : "signing_keys_unusable";
}
