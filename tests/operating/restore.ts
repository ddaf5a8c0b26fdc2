import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Browser } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { isOlderDeno } from "../support/newer_deno.ts";
import type { Installation, ServerProcess } from "../support/server_process.ts";
import { answerOf, type Tokens, tokensOf } from "../support/tokens.ts";

const person = { username: "robin", password: "every door opens once" };
const shop = aClient("shop");
/** The users of the test. */
export const settings = { clients: [shop], users: [person] };
const redirectUri = "https://shop.example/callback";
// The pair of RFC 7636 appendix B.
const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/**
 * Backs a store up while its server runs, spends what it can, and sets it back: nothing of before opens
 * anything, and people can sign in again.
 *
 * @param whileClosed runs work while nobody has the file open; the server has ended by then
 */
export async function assertRestoreIsSafe(
  installation: Installation,
  file: string,
  whileClosed: (work: () => Promise<void>) => Promise<void>,
) {
  const backup = `${installation.directory}/backup.sqlite`;
  let server = await installation.start();
  const browser = server.browser();
  const tokens = await signIn(server, browser);
  const code = await codeOf(browser);

  await backUp(file, backup); // hot: the server is not told
  const spent = [await exchange(server, code), await refresh(server, tokens.refresh_token)];
  const since = await Promise.all(spent.map(tokensOf));

  const setBack = async (env: Record<string, string>) => {
    await server.kill("SIGTERM");
    await whileClosed(() => restore(backup, file));
    server = await installation.start({ env });
  };
  // Why the variable is there: without it the code is as good as new.
  await setBack({});
  await tokensOf(await exchange(server, code));

  await setBack({ LATCHKEY_RESTORED: "1" });
  assertStringIncludes(server.output(), "Remove it now");
  assertEquals(await answerOf(await exchange(server, code)), "400 invalid_grant");
  for (const { access_token, refresh_token } of [tokens, ...since]) {
    assertEquals(await answerOf(await refresh(server, refresh_token)), "400 invalid_grant");
    assertEquals(await answerOf(await userinfo(server, access_token)), "401 invalid_token");
  }
  assertEquals(await isSignedIn(browser), false);

  const again = server.browser();
  const fresh = await signIn(server, again);
  assertEquals(await answerOf(await userinfo(server, fresh.access_token)), "200");
  // The variable is removed: the next boot leaves everything as it is.
  await server.kill("SIGTERM");
  server = await installation.start();
  assert(await isSignedIn(again));
  await tokensOf(await refresh(server, fresh.refresh_token));
}

/** A copy of a database that is in use, as an operator makes it. */
async function backUp(file: string, copy: string) {
  if (isOlderDeno) return copyForOlderDeno(file, copy);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "backup", copy],
    cwd: new URL("../../", import.meta.url),
    env: { LATCHKEY_KV: file },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** Deno 2.5 lets no SQLite write another file: there, nobody else may write for a moment. */
function copyForOlderDeno(file: string, copy: string) {
  using stack = new DisposableStack();
  const database = stack.adopt(new DatabaseSync(file), (open) => open.close());
  database.exec("BEGIN IMMEDIATE");
  for (const rest of ["", "-wal"]) Deno.copyFileSync(file + rest, copy + rest);
  const copied = stack.adopt(new DatabaseSync(copy), (open) => open.close());
  copied.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

/** Puts a copy in the place of a database that nobody has open. */
async function restore(copy: string, file: string) {
  // These belong to the old file, and SQLite would write their content into the new one.
  for (const rest of ["-wal", "-shm"]) {
    await Deno.remove(file + rest).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  await Deno.copyFile(copy, file);
}

async function signIn(server: ServerProcess, browser: Browser): Promise<Tokens> {
  return await tokensOf(await exchange(server, await codeOf(browser)));
}

async function codeOf(browser: Browser): Promise<string> {
  const landed = await browser.signInAndAllow(authorizeUrl(), person);
  const code = landed.searchParams.get("code");
  if (code === null) throw new Error(`no code at ${landed}`);
  return code;
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  const { url } = await browser.open(authorizeUrl({ prompt: "none" }));
  return url.searchParams.has("code");
}

function authorizeUrl(more: Record<string, string> = {}): string {
  return `/authorize?${new URLSearchParams({
    response_type: "code",
    client_id: "shop",
    redirect_uri: redirectUri,
    scope: "openid offline_access",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...more,
  })}`;
}

function exchange(server: ServerProcess, code: string): Promise<Response> {
  const grant = { grant_type: "authorization_code", code, code_verifier: codeVerifier };
  return post(server, { ...grant, redirect_uri: redirectUri });
}

function refresh(server: ServerProcess, refreshToken: string): Promise<Response> {
  return post(server, { grant_type: "refresh_token", refresh_token: refreshToken });
}

function post({ url }: ServerProcess, form: Record<string, string>): Promise<Response> {
  const credentials = { client_id: "shop", client_secret: shop.client_secret ?? "" };
  const body = new URLSearchParams({ ...form, ...credentials });
  return fetch(`${url}/token`, { method: "POST", body });
}

function userinfo({ url }: ServerProcess, accessToken: string): Promise<Response> {
  return fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } });
}
