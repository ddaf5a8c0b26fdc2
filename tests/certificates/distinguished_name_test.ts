import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readCertificate } from "../../src/certificates/certificate.ts";
import { isSameName, parseDistinguishedName } from "../../src/certificates/distinguished_name.ts";
import { aCertificate, cn, organization, unit } from "../support/certificate.ts";
import { anyText } from "../support/any_text.ts";

/** The values of a name, the last part of a certificate first; parts that stand together with `+`. */
function values(name: string): string | null {
  const parsed = parseDistinguishedName(name);
  return parsed &&
    parsed.map((part) => part.map(({ text, encoding }) => text ?? `#${encoding}`).join("+"))
      .join("|");
}

Deno.test("a distinguished name is read as RFC 4514 writes it, and nothing else is", () => {
  const right: readonly (readonly [string, string])[] = [
    ["CN=a,O=b,C=DE", "a|b|DE"],
    ["cn=a,o=b", "a|b"],
    ["2.5.4.3=a,1.2.3.4=b", "a|b"],
    ["CN = a , O = b", "a|b"], // as openssl shows it, and LDAPv2 wrote it
    ["OU=a+CN=b,C=DE", "a+b|DE"],
    ["CN=a\\,b", "a,b"],
    ["CN=a\\+b+OU=c", "a+b+c"],
    ["CN=a\\2Cb", "a,b"],
    ["CN=\\ a\\ ", " a "],
    ["CN=\\20a\\20,O=b", " a |b"],
    ["CN=  a  ,O=b", "a|b"],
    ["CN=a b  c", "a b  c"],
    ["CN=\\#a", "#a"],
    ["CN=a#b=c", "a#b=c"],
    ["CN=#0C0161", "#0c0161"],
    ["CN=\\C3\\BC", "ü"],
    ["CN=ü日😀", "ü日😀"],
    ["CN=a\\\\", "a\\"],
    ["CN=a\\\\\\,b", "a\\,b"],
    ["CN=a\\00b", "a\0b"],
    ['CN=a\\"b\\<c\\>\\;', 'a"b<c>;'],
    ["UID=x,DC=a,DC=b", "x|a|b"],
    ["emailAddress=a@b.example,serialNumber=1", "a@b.example|1"],
  ];
  for (const [name, expected] of right) assertEquals(values(name), expected, name);
  const wrong = [
    ...["", " ", "CN", "=a", "CN=", "CN=,O=b", "CN=a,", ",CN=a", "CN=a,,O=b", "CN=a+,O=b"],
    ...["CN=a\\", "CN=a\\x", "CN=a\\2", "CN=\\FF", "CN=#zz", "CN=#0", 'CN="a,b"', "CN=a;O=b"],
    ...["CN=a<b", "CN=a>b", 'CN=a"', "FOO=a", "OID.2.5.4.3=a", "2=a", "2.=a", "CN=a\0b"],
    ...["/CN=a/O=b", `CN=${"a".repeat(1100)}`, "CN=#0C0161x", "CN==+"],
  ];
  for (const name of wrong) assertEquals(values(name), null, name);
});

Deno.test("a certificate's subject is found by the name that openssl prints of it", async () => {
  // openssl x509 -noout -subject -nameopt RFC2253
  const printed = [
    "houseIdentifier=5,unstructuredName=n,telephoneNumber=1,emailAddress=a@b.example",
    "DC=example,UID=u1,description=d,title=t,dnQualifier=q,organizationIdentifier=PSDDE-1",
    "jurisdictionL=B,jurisdictionST=B,jurisdictionC=DE,businessCategory=Private Organization",
    "serialNumber=HRB 1,postOfficeBox=7,street=S 1,postalCode=10115,pseudonym=p",
    "generationQualifier=III,name=Ann Lee,initials=AL,SN=Lee,GN=Ann,CN=a.example,OU=u,O=X AG,L=B",
    "ST=B,C=DE",
  ].join(",");
  const pem = await Deno.readTextFile(new URL("./many_attributes.pem", import.meta.url));
  const der = Uint8Array.from(atob(pem.replaceAll(/-----[A-Z ]+-----|\s/g, "")), (character) => {
    return character.charCodeAt(0);
  });
  const { subject } = await readCertificate(der);
  assert(isSameName(parseDistinguishedName(printed) ?? [], subject));
  const other = printed.replace("GN=Ann", "GN=Anne");
  assertEquals(isSameName(parseDistinguishedName(other) ?? [], subject), false);
});

const value = anyText({ minLength: 1, maxLength: 12 })
  .filter((text) => text.isWellFormed());
const type = fc.constantFrom(["CN", cn], ["O", organization], ["OU", unit], ["1.2.3", "1.2.3"]);
const attribute = fc.tuple(type, value);
const name = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});

/** As RFC 4514 section 2.4 writes it. */
function escaped(text: string): string {
  const inside = text.replaceAll(/["+,;<>\\]/g, "\\$&").replaceAll("\0", "\\00");
  return inside.replace(/^[ #]/, "\\$&").replace(/(?<=.) $/s, "\\ ").replace(/^\\ $/, "\\20");
}

Deno.test("each name that is written comes back, and is the name of its certificate alone", async () => {
  const property = fc.asyncProperty(name, async (parts) => {
    const written = parts.map((part) =>
      part.map(([[type], text]) => `${type}=${escaped(text)}`).join("+")
    ).join(",");
    const parsed = parseDistinguishedName(written);
    assert(parsed !== null, written);
    const read = parsed.map((part) => part.map(({ type, text }) => [type, text]));
    assertEquals(read, parts.map((part) => part.map(([[, oid], text]) => [oid, text])));
    const subject = parts.toReversed().map((part) =>
      part.map(([[, oid], text]) => [String(oid), text] as const)
    );
    const { der } = await aCertificate({ subject });
    const { subject: found } = await readCertificate(der);
    assert(isSameName(parsed, found), written);
    const other = [...found, [{ type: cn, text: "more", encoding: null }]];
    assertEquals(isSameName(parsed, other), false);
    assertEquals(isSameName(parsed, found.slice(1)), false);
  });
  await fc.assert(property, { numRuns: 60 });
});

Deno.test("any text is read or refused, and never throws", () => {
  const text = fc.array(fc.constantFrom("CN", "=", ",", "+", "\\", " ", "#", "a", "0", "é", '"'))
    .map((parts) => parts.join(""));
  fc.assert(fc.property(text, (written) => {
    const parsed = parseDistinguishedName(written);
    assert(parsed === null || parsed.every((part) => part.length > 0));
  }));
});

Deno.test("any bytes are a certificate or none", async () => {
  const { der } = await aCertificate({ names: [{ dNSName: "a.example" }] });
  const changed = fc.tuple(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length));
  await fc.assert(fc.asyncProperty(changed, async ([at, byte, length]) => {
    const bytes = der.slice(0, length % 3 === 0 ? length : der.length);
    if (at < bytes.length) bytes[at] = byte;
    const found = await readCertificate(bytes).catch((error) => error);
    assert(found instanceof Error || Number.isFinite(found.notAfter + found.notBefore));
  }));
});
