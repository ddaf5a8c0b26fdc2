import { assertEquals, assertNotEquals } from "@std/assert";
import { countedKv } from "../support/counted_kv.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";
import { rotateSigningKey, withdrawSigningKey } from "../support/signing_keys.ts";

const jwks = "/.well-known/jwks.json";

Deno.test("a client that accepts gzip gets the same document compressed, each form with its own ETag", async () => {
  await using provider = await aProvider();
  for (const path of [jwks, "/.well-known/openid-configuration"]) {
    const plain = await provider.request(path, { headers: { "accept-encoding": "br, gzip;q=0" } });
    assertEquals(plain.headers.get("content-encoding"), null);
    const packed = await provider.request(path, { headers: { "accept-encoding": "br, gzip" } });
    assertEquals(packed.headers.get("content-encoding"), "gzip");
    assertEquals([plain, packed].map(({ headers }) => headers.get("vary")), [
      "Accept-Encoding",
      "Accept-Encoding",
    ]);
    const etags = [plain, packed].map(({ headers }) => headers.get("etag") ?? "");
    assertNotEquals(etags[0], etags[1]);
    const unpacked = packed.body?.pipeThrough(new DecompressionStream("gzip"));
    assertEquals(await new Response(unpacked).json(), await plain.json());
    // A proxy that compresses an answer by itself makes its ETag weak.
    for (const known of [...etags, `W/${etags[0]}`, `"other", ${etags[1]}`, "*"]) {
      const { status } = await provider.request(path, { headers: { "if-none-match": known } });
      assertEquals(status, 304, known);
    }
  }
});

Deno.test("a document is sent as it is until it was answered once, and is not compressed for a 304", async () => {
  await using provider = await aProvider();
  const headers = { "accept-encoding": "gzip" };
  for (const path of [jwks, "/.well-known/openid-configuration"]) {
    const [first, second, third] = [
      await provider.request(path, { headers }),
      await provider.request(path, { headers }),
      await provider.request(path, { headers }),
    ];
    assertEquals(
      [first, second, third].map(({ headers }) => headers.get("content-encoding")),
      [null, "gzip", "gzip"],
    );
    assertEquals(await second.bytes(), await third.bytes());
    await first.body?.cancel();
    const etag = second.headers.get("etag") ?? "";
    const known = await provider.request(path, { headers: { ...headers, "if-none-match": etag } });
    assertEquals([known.status, known.headers.get("etag")], [304, etag]);
  }
});

Deno.test("the keys are listed again after a change of any of them, and at no other request", async () => {
  const { calls, wrap } = countedKv();
  await using provider = await aProvider({ wrap });
  const { deps, clock } = provider;
  clock.advance(700); // the next keys may sign
  const callsOf = async () => {
    calls.length = 0;
    const kids = await kidsOf(provider);
    return { kids, calls: [...calls] };
  };
  await callsOf();
  assertEquals((await callsOf()).calls, ["read"]);
  const before = new Set((await callsOf()).kids);
  const { retired, next } = await rotateSigningKey(deps, "ES256");
  const rotated = await callsOf();
  assertEquals(rotated.calls, ["read", "list", "read"]);
  assertEquals(new Set(rotated.kids), new Set([...before, next]));
  for (const kid of [next, retired]) {
    await withdrawSigningKey(deps, { kid });
    const { kids, calls } = await callsOf();
    assertEquals([kids.includes(kid), calls], [false, ["read", "list", "read"]]);
    assertEquals((await callsOf()).calls, ["read"]);
  }
});

Deno.test("a retired key leaves the JWKS at its time, though no record changes", async () => {
  await using provider = await aProvider();
  const { deps, clock } = provider;
  clock.advance(700);
  const { retired } = await rotateSigningKey(deps, "EdDSA");
  const { accessToken, idToken } = deps.config.lifetimes;
  clock.advance(Math.max(accessToken, idToken) - 1);
  assertEquals((await kidsOf(provider)).includes(retired), true);
  clock.advance(1);
  assertEquals((await kidsOf(provider)).includes(retired), false);
});

async function kidsOf(provider: TestProvider): Promise<string[]> {
  const { keys } = await (await provider.request(jwks)).json();
  return keys.map(({ kid }: { kid: string }) => kid);
}
