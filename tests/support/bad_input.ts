import fc from "fast-check";
import { anyText } from "./any_text.ts";

/** A request that would work, and what of it must be right for it to do anything. */
export interface GoodRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** At least one of these is always broken. */
  readonly essential: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The raw request: everything in it is already encoded, or broken on purpose. */
export interface BadRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "0", ""];
/** Around each limit: of keys, of parameters, of what is kept, of a body. */
const lengths = [257, 2049, 9000, 17_000, 33_000, 65_000, 70_000];
const texts = fc.oneof(
  fc.constantFrom(
    ...names,
    " ",
    "\u0000",
    "a\u0000b",
    "\u0001\u001f\u007f\u0085",
    "\r\nSet-Cookie: x=y",
    "ü€😀",
    "\u202e\ufeff\u2028",
    '"><script>alert(1)</script>',
    "' OR '1'='1' --",
    "[object Object]",
    '{"a":[1,{}]}',
    "[]",
    "null",
    "-1",
    "1e999",
    "NaN",
    "javascript:alert(1)",
    "https://evil.example/",
    "../../../etc/passwd",
    "at_",
    `at_${"A".repeat(22)}.${"A".repeat(43)}`,
    `rt_${"A".repeat(22)}.1.${"A".repeat(43)}`,
    `${"A".repeat(22)}.${"A".repeat(43)}`,
    "A".repeat(22),
    "A".repeat(43),
    "eyJhbGciOiJub25lIn0.e30.",
    "urn:ietf:params:oauth:request_uri:x",
  ),
  anyText({ maxLength: 64 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.tuple(fc.constantFrom("x", "€", "\u0000", " ", "a "), fc.constantFrom(...lengths))
    .map(([unit, length]) => unit.repeat(length / unit.length)),
);

/** Bytes that no decoder accepts as text. */
const brokenEncodings = fc.constantFrom("%", "%2", "%zz", "%ff", "%c3%28", "%ed%a0%80", "%f8%88");

type Flaw = { readonly values: readonly string[] };
const flaws = (good: string): fc.Arbitrary<Flaw> =>
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom<Flaw>(
        { values: [] },
        { values: [""] },
        { values: [encode(good), encode(good)] },
        { values: [encode(good), "x"] },
      ),
    },
    {
      weight: 7,
      arbitrary: texts.filter((text) => text.trim() !== good)
        .map((text) => ({ values: [encode(text)] })),
    },
    { weight: 1, arbitrary: brokenEncodings.map((text) => ({ values: [text] })) },
  );

/** Variations of a request of which at least one essential parameter is wrong. */
export function badVariants(good: GoodRequest): fc.Arbitrary<BadRequest> {
  const entries = Object.entries(good.parameters);
  return fc.record({
    flaw: fc.constantFrom(...good.essential).chain((name) =>
      flaws(good.parameters[name] ?? "").map((flaw) => ({ name, flaw }))
    ),
    others: fc.tuple(
      // Mostly one flaw alone: with many of them a request would never get beyond its parsing.
      ...entries.map(([, value]) =>
        fc.oneof({ weight: 24, arbitrary: fc.constant(null) }, {
          weight: 1,
          arbitrary: flaws(value),
        })
      ),
    ),
    extra: fc.oneof(
      { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(texts, texts), { maxLength: 2 }) },
    ),
    headers: hostileHeaders,
  }).map(({ flaw, others, extra, headers }) => {
    const pairs = entries.flatMap(([name, value], n) => {
      const { values } = name === flaw.name ? flaw.flaw : others[n] ?? { values: [encode(value)] };
      return values.map((text) => `${encode(name)}=${text}`);
    });
    const more = extra.map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const query = [...pairs, ...more].join("&");
    const inBody = good.method === "POST";
    return {
      method: good.method,
      target: inBody ? good.path : `${good.path}?${query}`,
      headers: {
        ...(inBody ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        ...headers,
        ...good.headers,
      },
      body: inBody ? query : null,
    };
  });
}

const headerText = fc.oneof(
  fc.constantFrom(
    "",
    "Basic",
    "Basic ====",
    "Bearer x",
    "DPoP x",
    "null",
    "x".repeat(9000),
    "é\xff",
  ),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)) }),
);
/** Headers that browsers, proxies and clients add to a request, or an attacker in their name. */
const hostileHeaders: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom("cookie", "accept-language", "x-forwarded-for", "user-agent", "dpop"),
      headerText,
      { maxKeys: 2, noNullPrototype: true },
    ),
  },
);
export { headerText };

function encode(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}
