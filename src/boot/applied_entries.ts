import * as bootstrapEntries from "../../stores/bootstrap_entries.ts";
import type { BootstrapEntry, BootstrapKind } from "../../stores/bootstrap_entries.ts";
import type { Entry as StoreEntry } from "../../stores/engine/collection.ts";
import { kvLimits } from "../../stores/engine/store_errors.ts";
import { parts } from "../../stores/engine/batches.ts";
import { systemOrigin } from "../../stores/engine/transaction.ts";
import { canonicalJson } from "../crypto/canonical_json.ts";
import type { Deps } from "../deps/deps.ts";
import { isJsonObject } from "../protocol/json_entry.ts";
import { idOf, listNames, lists, parseFile, secretOf } from "./lists.ts";

/** An entry of the bootstrap file as it was written. */
export interface WrittenEntry {
  readonly kind: BootstrapKind;
  /** Entries with the same id are about the same object. */
  readonly id: string;
  /**
   * The entry as written, in canonical JSON. Not as parsed: a later release with a new default would
   * treat each entry as changed.
   */
  readonly content: string;
  /** The password or the secret in it; null: it has none. */
  readonly secret: string | null;
}

/** An entry that was applied as it is written. */
export interface AppliedEntry extends WrittenEntry {
  /** False: an earlier release has applied it, and did not remember its secret. */
  readonly isSecretKnown: boolean;
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
export async function appliedEntries(deps: Deps, text: string): Promise<AppliedEntry[] | null> {
  const entries = writtenEntries(text);
  const applied: AppliedEntry[] = [];
  for (const batch of parts(entries ?? [], kvLimits.keysPerRead)) {
    const remembered = await readRemembered(deps, batch);
    for (const [index, entry] of batch.entries()) {
      const contentMac = await deps.masterKey.macAtStart(bootstrapPurpose, entry.content);
      const known = remembered[index]?.value ?? null;
      if (known?.contentMac !== contentMac) return null;
      applied.push({ ...entry, isSecretKnown: isSecretKnown(entry, known) });
    }
  }
  return entries && applied;
}

/** Whether the secret that was applied with an entry is remembered, if the entry has one. */
export function isSecretKnown({ secret }: WrittenEntry, known: BootstrapEntry): boolean {
  return secret === null || known.secretMac !== null;
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
      const content = canonicalJson(entry);
      entries.set(place, { kind, id, content, secret: secretOf(kind, entry) });
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
