import type { StoreTrouble } from "../../stores/engine/store_trouble.ts";

/** Why a process cannot do its work. */
export type Unready =
  | "stopping"
  | "store_damaged"
  | "store_full"
  | "store_unavailable"
  | "signing_keys_unusable";

/** Whether this process can do its work. */
export interface Health {
  /** Null: it can. What it takes to know is remembered for a few seconds, whoever asks how often. */
  check(): Promise<Unready | null>;
  /** Takes note of what somebody met at the store. */
  notice(trouble: StoreTrouble, error: Error): void;
}
