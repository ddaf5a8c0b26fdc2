import { aClient } from "./clients.ts";
import { aProvider } from "./provider.ts";
import { introspect, refreshed, signInOffline, tokensOf, userinfo } from "./tokens.ts";

/**
 * Does what clients ask for most, so often that V8 compiles it: a program of its own, because a test reads what
 * V8 prints about it.
 */
async function main() {
  const client = aClient("shop", {
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    scope: "openid profile email offline_access",
  });
  const provider = await aProvider({ clients: [client], remembers: true });
  const browser = provider.browser();
  let tokens = await signInOffline(provider);
  for (let round = 0; round < 300; round++) {
    const code = await provider.authorize({ browser });
    const { access_token } = await tokensOf(await provider.exchange(code));
    await (await userinfo(provider, access_token)).text();
    const form = { grant_type: "client_credentials", ...provider.credentials() };
    const own = await tokensOf(await provider.post("/token", form));
    await introspect(provider, own.access_token);
    tokens = await refreshed(provider, tokens.refresh_token);
  }
  Deno.exit();
}

if (import.meta.main) await main();
