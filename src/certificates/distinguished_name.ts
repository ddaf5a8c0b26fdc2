/** One attribute of a name: its value as text, or what its encoding is in hexadecimal. */
export interface NameAttribute {
  /** Dotted decimals. */
  readonly type: string;
  readonly text: string | null;
  readonly encoding: string | null;
}

/** The attributes that stand together at one place of a name; their order means nothing. */
export type RelativeName = readonly NameAttribute[];

/**
 * The names of attributes that people write, in lower case: those that `openssl x509 -nameopt RFC2253` prints
 * of certificates of persons and companies, and the longer ones. Others are written as numbers.
 *
 * @see RFC 4514 section 3, RFC 4519 section 2
 */
const types: Readonly<Record<string, string>> = {
  cn: "2.5.4.3",
  sn: "2.5.4.4",
  surname: "2.5.4.4",
  serialnumber: "2.5.4.5",
  c: "2.5.4.6",
  l: "2.5.4.7",
  st: "2.5.4.8",
  street: "2.5.4.9",
  o: "2.5.4.10",
  ou: "2.5.4.11",
  title: "2.5.4.12",
  description: "2.5.4.13",
  businesscategory: "2.5.4.15",
  postalcode: "2.5.4.17",
  postofficebox: "2.5.4.18",
  telephonenumber: "2.5.4.20",
  name: "2.5.4.41",
  givenname: "2.5.4.42",
  gn: "2.5.4.42",
  initials: "2.5.4.43",
  generationqualifier: "2.5.4.44",
  dnqualifier: "2.5.4.46",
  houseidentifier: "2.5.4.51",
  pseudonym: "2.5.4.65",
  organizationidentifier: "2.5.4.97",
  e: "1.2.840.113549.1.9.1",
  uid: "0.9.2342.19200300.100.1.1",
  dc: "0.9.2342.19200300.100.1.25",
  emailaddress: "1.2.840.113549.1.9.1",
  unstructuredname: "1.2.840.113549.1.9.2",
  jurisdictionc: "1.3.6.1.4.1.311.60.2.1.3",
  jurisdictionst: "1.3.6.1.4.1.311.60.2.1.2",
  jurisdictionl: "1.3.6.1.4.1.311.60.2.1.1",
};

// The grammar of RFC 4514 section 3 is a regular one. Spaces around the separators are its tolerance for
// names of LDAPv2; its quoted values and semicolons are not in it and are refused.
const escaped = String.raw`\\(?:[ "#+,;<=>\\]|[0-9a-fA-F]{2})`;
const inner = String.raw`[^"+,;<>\\\0]|${escaped}`;
const text = String.raw`(?:(?![ #])(?:${inner}))(?:${inner})*?`;
const type = String.raw`[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+`;
const attribute = new RegExp(
  String.raw` *(${type}) *= *(#(?:[0-9a-fA-F]{2})+|${text}|) *(,|\+|$)`,
  "uy",
);

/** A character for the parts of an escaped value: a pair of digits is a byte of UTF-8. */
const part = /\\([0-9a-fA-F]{2})|\\?([^])/gu;

/**
 * Parses a distinguished name. The libraries for that change what they do not understand, such as
 * `CN=a\+b` to `CN=a`, and would let another certificate in.
 *
 * @returns the parts as they are written, so that the last part of a certificate's name comes first; null:
 *   it is none
 * @see RFC 4514 section 3
 */
export function parseDistinguishedName(name: string): RelativeName[] | null {
  const names: NameAttribute[][] = [[]];
  attribute.lastIndex = 0;
  if (name.length > 1024) return null;
  for (;;) {
    const [matched, written, value, end] = attribute.exec(name) ?? [];
    if (matched === undefined || written === undefined || value === undefined) return null;
    const oid = /^[0-9]/.test(written) ? written : types[written.toLowerCase()];
    const read = valueOf(value);
    if (oid === undefined || read === null) return null;
    names.at(-1)?.push({ type: oid, ...read });
    if (end === ",") names.push([]);
    else if (end === "") return names;
  }
}

function valueOf(written: string): Pick<NameAttribute, "text" | "encoding"> | null {
  if (written === "") return null; // no certificate of a client has it on purpose
  if (written.startsWith("#")) return { text: null, encoding: written.slice(1).toLowerCase() };
  const bytes = Array.from(
    written.matchAll(part),
    ([, hex, character = ""]) =>
      hex === undefined ? [...new TextEncoder().encode(character)] : [Number.parseInt(hex, 16)],
  );
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(new Uint8Array(bytes.flat())), encoding: null };
  } catch {
    return null;
  }
}

/**
 * Whether a certificate's name is a registered one: the same parts in the same order. Values are compared to
 * the letter, which refuses more than a directory would.
 *
 * @param registered as `parseDistinguishedName` returns it
 * @param found in the order of a certificate
 */
export function isSameName(
  registered: readonly RelativeName[],
  found: readonly RelativeName[],
): boolean {
  return registered.length > 0 && registered.length === found.length &&
    registered.toReversed().every((part, index) => isSamePart(part, found[index] ?? []));
}

function isSamePart(registered: RelativeName, found: RelativeName): boolean {
  const left = [...found];
  for (const wanted of registered) {
    const at = left.findIndex(({ type, text, encoding }) =>
      type === wanted.type &&
      (wanted.text === null ? encoding === wanted.encoding : text === wanted.text)
    );
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
