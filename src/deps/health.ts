import type { StoreCall, StoreTrouble } from "../../stores/engine/store_trouble.ts";

/** A fault that other code met: of the store, or code that could not be loaded. */
export type Fault = StoreTrouble | "code_not_loaded";

/** The reason why a process cannot do its work. */
export type Unready =
  | "stopping"
  | "code_not_loaded"
  | "store_damaged"
  | "store_full"
  | "store_removed"
  | "store_unavailable"
  | "signing_keys_unusable";

/** Whether this process can do its work. */
export interface Health {
  /** Null: it can. The result is cached for a few seconds, however often it is asked. */
  check(): Promise<Unready | null>;
  /**
   * Reports a fault that other code met.
   * @param call of the store, if one failed
   */
  notice(fault: Fault, error: unknown, call?: StoreCall): void;
  /** Reports that the store has written something. */
  wrote(): void;
}
