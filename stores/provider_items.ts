import type { Present } from "./engine/collection.ts";
import type { Transaction } from "./engine/transaction.ts";
import type { Provider } from "./provider.ts";

/** A list that operators keep in the record about the server. Each item has a name of its own. */
export interface ProviderItems<Item> {
  /** What the audit events begin with. */
  readonly event:
    | "authorization_detail_type"
    | "custom_claim"
    | "trusted_issuer"
    | "workload_issuer";
  idOf(item: Item): string;
  itemsOf(provider: Provider): readonly Item[];
  /** Why these items must not be stored together; null: they may. */
  problemOf(items: readonly Item[]): string | null;
  set(tx: Transaction, provider: Present<Provider>, items: Item[]): void;
}
