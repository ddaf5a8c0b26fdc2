/** How Deno KV holds the list of a packed record. */
export interface ListForm {
  written(value: unknown): unknown;
  /** The value of which this is the stored form. */
  read(stored: unknown): unknown;
}

/** As it is: the previous release may read it. The store may have been a local file, whose texts it has then. */
export const asLists: ListForm = { written: (value) => value, read: readText };

/**
 * As JSON, in a text, on a local file. For each list, and for each object, V8's serializer first takes 8 KB
 * from the allocator, which costs more than all else of the value; for a text it takes nothing. What is no
 * list, is long, or is not what JSON gives back, stays as it is: builds before this release stored all so.
 */
export const asTexts: ListForm = {
  written(value) {
    if (typeof value === "string") return isJson(value) ? JSON.stringify(value) : value;
    const list = Array.isArray(value) ? marked(value) : null;
    if (list === null) return value;
    const text = JSON.stringify(list);
    return text.length > longest ? value : text;
  },
  read: readText,
};

function readText(stored: unknown): unknown {
  return typeof stored === "string" && isJson(stored) ? unmarked(JSON.parse(stored)) : stored;
}

/** Whether a stored text is JSON: a list, or a text that would be taken for one. */
function isJson(text: string): boolean {
  return text.startsWith("[") || text.startsWith('"');
}

/** Characters. Escapes, and characters of two bytes, must not make a value larger than the store takes. */
const longest = 8192;

/** Stands for a member that is missing, which JSON would write like one that is null. */
const missing = "~";

/**
 * A list with its missing members marked, and so the lists in it; null: JSON would not give it back. Not by
 * `slice`, of which V8 expects one kind of list: it would compile this anew for each other kind, for ever.
 */
function marked(list: readonly unknown[]): unknown[] | null {
  const copy: unknown[] = [];
  for (const member of list) {
    if (member === undefined) copy.push(missing);
    else if (Array.isArray(member)) {
      const inner = marked(member);
      if (inner === null) return null;
      copy.push(inner);
    } else if (member === missing || !isOfJson(member)) return null;
    else copy.push(member);
  }
  return copy;
}

/** Whether JSON gives a value back. A missing member of an object is left out. */
function isOfJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || isPlain(value);
    default:
      return false;
  }
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) {
    for (const member of value) if (member === undefined || !isOfJson(member)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const members: Readonly<Record<string, unknown>> = { ...value };
  for (const name in members) if (!isOfJson(members[name])) return false;
  return true;
}

/** The lists in objects have no marks: `isPlain` lets no member of them be missing. */
function unmarked(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((member) => member === missing ? undefined : unmarked(member));
}
