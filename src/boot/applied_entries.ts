import * as bootstrapEntries from "../../stores/bootstrap_entries.ts";
import type { BootstrapEntry, BootstrapKind } from "../../stores/bootstrap_entries.ts";
import type { Entry as StoreEntry } from "../../stores/engine/collection.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { parts } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { isJsonObject } from "../protocol/json_entry.ts";
import { idOf, listNames, lists, parseFile } from "./lists.ts";

/** An entry of the bootstrap file as it was written. */
export interface WrittenEntry {
  readonly kind: BootstrapKind;
  readonly id: string;
  /** Canonical JSON. */
  readonly content: string;
}

/** Each purpose of a MAC has a key of its own. */
export const bootstrapPurpose = "bootstrap_entry";

export function refOf({ kind, id }: Pick<WrittenEntry, "kind" | "id">) {
  return bootstrapEntries.ref(kind, id);
}

/** The records about up to ten entries, in one read. */
export async function readRemembered(
  { kv }: Pick<Deps, "kv">,
  entries: readonly Pick<WrittenEntry, "kind" | "id">[],
): Promise<StoreEntry<BootstrapEntry>[]> {
  const refs = entries.map((entry, index) => [index, refOf(entry)] as const);
  return Object.values(await kv.step(systemOrigin, (tx) => tx.read(Object.fromEntries(refs))));
}

/**
 * The entries of the file, if all of them were applied as they are written. So they were checked, and most
 * starts need none of the code that checks and applies entries.
 * @returns null if the file must be read as a whole, because an entry is new or anything is wrong
 */
export async function appliedEntries(deps: Deps, text: string): Promise<WrittenEntry[] | null> {
  const entries = writtenEntries(text);
  for (const batch of parts(entries ?? [], kvLimits.keysPerRead)) {
    const remembered = await readRemembered(deps, batch);
    for (const [index, { content }] of batch.entries()) {
      const contentMac = await deps.masterKey.macAtStart(bootstrapPurpose, content);
      if (remembered[index]?.value?.contentMac !== contentMac) return null;
    }
  }
  return entries;
}

/** Null: the file is wrong, or could be. */
function writtenEntries(text: string): WrittenEntry[] | null {
  const file = parsedOrNull(text);
  if (!isJsonObject(file)) return null;
  if (Object.keys(file).some((name) => !listNames.some((list) => list === name))) return null;
  const entries = new Map<string, WrittenEntry>();
  for (const list of listNames) {
    const { [list]: written = [] } = file;
    if (!Array.isArray(written)) return null;
    const { kind, identity } = lists[list];
    for (const entry of written) {
      const name = isJsonObject(entry) ? entry[identity] : null;
      if (typeof name !== "string" || name.length > longestId) return null;
      const id = idOf(kind, name);
      const place = `${kind} ${id}`;
      if (entries.has(place)) return null;
      entries.set(place, { kind, id, content: canonicalJson(entry) });
    }
  }
  return [...entries.values()];
}

/** Characters. No schema allows more. */
const longestId = 256;

function parsedOrNull(text: string): unknown {
  try {
    return parseFile(text);
  } catch {
    return null;
  }
}
