import { assert, assertEquals } from "@std/assert";
import { createApp } from "../../routes/app.ts";
import { declaredIn } from "../support/declarations.ts";
import { aProvider } from "../support/provider.ts";

Deno.test("every route of the app is declared with a kind", async () => {
  await using provider = await aProvider();
  const { deps } = provider;
  const declared = declaredIn(deps);
  const kinds = new Set(declared.map(({ kind }) => kind));
  assertEquals([...kinds].sort(), ["api", "client", "page", "resource"]);
  const names = declared.flatMap(({ methods, path }) => methods.map((one) => `${one} ${path}`));
  const routed = createApp(deps).routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  assert(routed.length > 90, `only ${routed.length} routes were found`);
  assertEquals([...new Set(routed)].filter((name) => !names.includes(name)), []);
});

Deno.test("no client endpoint answers HTML, even below its path or for unsupported methods", async () => {
  await using provider = await aProvider();
  const declared = declaredIn(provider.deps);
  const pages = new Set(declared.filter(({ kind }) => kind === "page").map(({ path }) => path));
  const called = declared.filter(({ kind, path }) => kind !== "page" && !pages.has(path));
  const withAllBelow = called.flatMap(({ path }) => path.endsWith("/*") ? [path.slice(0, -2)] : []);
  const wellKnown = { path: "/.well-known/nothing", methods: [] as readonly string[] };
  for (const { path, methods } of [...called, wellKnown]) {
    const at = path.replaceAll(/:\w+(\{[^}]*\})?/g, "A".repeat(22));
    for (const suffix of ["", "/", "/below", "/a/b"]) {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        const name = `${method} ${at}${suffix}`;
        const response = await provider.request(at + suffix, { method });
        const type = response.headers.get("content-type") ?? "application/json";
        assert(/^application\/(problem\+|jwk-set\+)?json/.test(type), `${name}: ${type}`);
        await response.body?.cancel();
        if (suffix !== "/" || withAllBelow.includes(path.replace(/\/\*$/, ""))) continue;
        assertEquals(response.status, 404, name);
        assertEquals(methods.length > 0 && response.headers.has("allow"), false, name);
      }
    }
  }
});

Deno.test("an unsupported method at a client endpoint is answered 405 with Allow and JSON", async () => {
  await using provider = await aProvider();
  for (const [path, allowed] of [["/token", "POST"], ["/userinfo", "GET, HEAD, POST"]] as const) {
    const response = await provider.request(path, { method: "PUT" });
    assertEquals([response.status, response.headers.get("allow")], [405, allowed]);
    assertEquals((await response.json()).error, "invalid_request");
  }
});

Deno.test("an endpoint where clients authenticate says so, so that the table of methods has it", async () => {
  const routes = new URL("../../routes/", import.meta.url);
  let found = 0;
  for (const folder of ["protocol", "sign_in", "account", "admin"]) {
    for await (const { name } of Deno.readDir(new URL(folder, routes))) {
      if (!/\.tsx?$/.test(name)) continue;
      const text = await Deno.readTextFile(new URL(`${folder}/${name}`, routes));
      const reading = text.match(/\breadClientRequest\(/g)?.length ?? 0;
      assertEquals(text.match(/authenticates: "client"/g)?.length ?? 0, reading, name);
      found += reading + (text.match(/\bclientEndpoint\(/g)?.length ?? 0);
    }
  }
  // What reads such a request for most of them says it for all.
  const shared = await Deno.readTextFile(new URL("plain_endpoint.ts", routes));
  for (const each of [/\breadClientRequest\(/g, /authenticates: "client"/g]) {
    assertEquals(shared.match(each)?.length, 1);
  }
  assert(found >= 5, `only ${found} were found`);
});
