import type { StoreTrouble } from "../../stores/engine/store_trouble.ts";

/** The reason why a process cannot do its work. */
export type Unready =
  | "stopping"
  | "store_damaged"
  | "store_full"
  | "store_removed"
  | "store_unavailable"
  | "signing_keys_unusable";

/** Whether this process can do its work. */
export interface Health {
  /** Null: it can. The result is cached for a few seconds, however often it is asked. */
  check(): Promise<Unready | null>;
  /** Reports a fault of the store that other code met. */
  notice(trouble: StoreTrouble, error: Error): void;
}
