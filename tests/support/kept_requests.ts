/**
 * A program for a process with `--expose-gc`: prints the MiB that it takes to remember what many large requests
 * have stored, for each place where a request may be large.
 */
import { newBrowser } from "./browser.ts";
import { aClient } from "./clients.ts";
import { heapInUse } from "./heap_in_use.ts";
import { alice, aProvider, issuer } from "./provider.ts";

const client = aClient("shop", {
  skip_consent: true,
  scope: "openid profile email offline_access",
});
await using provider = await aProvider({ clients: [client], config: { trustedProxies: 1 } });
/** No two are one text, of which V8 would keep one. */
const filler = (n: number) => `${n}${"x ".repeat(20_000)}`;
const aBrowser = (more: Record<string, string> = {}) =>
  newBrowser((path, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    return provider.request(path, { ...init, headers });
  }, issuer);
const signedIn = aBrowser();
await signedIn.signInAndAllow(provider.authorizeUrl(), alice);

async function authorize() {
  const answer = await signedIn.send(provider.authorizeUrl());
  await answer.body?.cancel();
  if (answer.status !== 303) throw new Error(`an authorization was answered ${answer.status}`);
}

const loads: Record<string, (n: number) => Promise<void>> = {
  async cookies(n) {
    signedIn.cookies.set("other", filler(n).replaceAll(" ", "y"));
    await authorize();
    signedIn.cookies.delete("other");
  },
  async "pushed hints"(n) {
    const form = Object.fromEntries(new URLSearchParams(provider.authorizeUrl().split("?")[1]));
    const pushed = { ...form, ...provider.credentials(), ui_locales: filler(n) };
    const answer = await provider.post("/par", pushed);
    await answer.body?.cancel();
    if (answer.status !== 201) throw new Error(`a push was answered ${answer.status}`);
  },
  async sessions(n) {
    const agent = {
      "user-agent": filler(n),
      "x-forwarded-for": `${filler(n)},203.0.113.${n % 200 + 20}`,
    };
    await aBrowser(agent).signInAndAllow(provider.authorizeUrl(), alice);
  },
};

for (const [name, load] of Object.entries(loads)) {
  for (let n = 0; n < 10; n++) await load(n);
  const before = heapInUse();
  for (let n = 10; n < 210; n++) await load(n);
  console.log(`${name}: ${Math.round((heapInUse() - before) / 2 ** 20)}`);
}
