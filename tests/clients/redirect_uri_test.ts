import { assertEquals } from "@std/assert";
import { noSecret } from "../../src/clients/kept_secret.ts";
import { clientMetadataSchema, clientOf } from "../../src/clients/metadata.ts";
import { isRegisteredRedirectUri } from "../../src/clients/redirect_uri.ts";
import { aClient } from "../support/clients.ts";

function client(redirect_uris: string[], application_type: "web" | "native" = "web") {
  const metadata = clientMetadataSchema.parse(aClient("app", { redirect_uris, application_type }));
  return clientOf(metadata, noSecret, 0);
}

Deno.test("a redirect URI must match exactly", () => {
  const web = client(["https://app.example/cb"]);
  assertEquals(isRegisteredRedirectUri(web, "https://app.example/cb"), true);
  const others = [
    "https://app.example/cb/",
    "https://app.example/cb?",
    "https://app.example/cb?x=1",
    "https://app.example/cb#x",
    "https://app.example/CB",
    "https://APP.example/cb",
    "https://app.example:443/cb",
    "https://app.example/x/../cb",
    "https://app.example/%63b",
    "https://user@app.example/cb",
    "https://app.example.evil.example/cb",
    "http://app.example/cb",
    " https://app.example/cb",
    "",
  ];
  for (const other of others) assertEquals(isRegisteredRedirectUri(web, other), false, other);
});

Deno.test("native clients may use any port of a loopback redirect URI, but nothing else may differ", () => {
  const native = client(["http://127.0.0.1/cb?x=1", "http://[::1]:3000/cb"], "native");
  for (const uri of ["http://127.0.0.1:51004/cb?x=1", "http://[::1]/cb", "http://[::1]:1/cb"]) {
    assertEquals(isRegisteredRedirectUri(native, uri), true, uri);
  }
  const others = [
    "http://127.0.0.1:51004/cb",
    "http://127.0.0.1:51004/other?x=1",
    "http://127.0.0.1:51004/cb?x=1#y",
    "http://localhost:51004/cb?x=1",
    "https://127.0.0.1:51004/cb?x=1",
    "http://127.0.0.1:51004@evil.example/cb?x=1",
    "http://127.0.0.1@evil.example/cb?x=1",
    "http://127.0.0.1.evil.example/cb?x=1",
    "http://127.0.0.1:/cb?x=1",
    "http://127.0.0.1:x/cb?x=1",
    // No URL has this port: a redirect to it could not even be written.
    "http://127.0.0.1:99999/cb?x=1",
  ];
  for (const other of others) assertEquals(isRegisteredRedirectUri(native, other), false, other);

  const local = client(["http://127.4.5.6/cb", "https://app.example/cb"], "native");
  assertEquals(isRegisteredRedirectUri(local, "http://127.4.5.6:51004/cb"), true);
  const strange = [
    "http://127.4.5.7",
    "http://localhost",
    "http://app.localhost",
    "https://app.example",
  ];
  for (const origin of strange) {
    assertEquals(isRegisteredRedirectUri(local, `${origin}:51004/cb`), false, origin);
  }
  const web = client(["http://127.0.0.1:3000/cb"]);
  assertEquals(isRegisteredRedirectUri(web, "http://127.0.0.1:3001/cb"), false);
});
