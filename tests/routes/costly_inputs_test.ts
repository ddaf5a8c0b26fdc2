import { assertEquals } from "@std/assert";
import process from "node:process";
import { longestUrl } from "../../routes/plain_app.ts";
import { formOf } from "../support/browser.ts";
import { aClient } from "../support/clients.ts";
import { declaredIn } from "../support/declarations.ts";
import { deviceGrant } from "../support/devices.ts";
import { cibaGrant } from "../support/backchannel.ts";
import { aProvider, type TestProvider } from "../support/provider.ts";

/** Milliseconds of an answer. What takes the square of a length takes more for the longest. */
const bound = 30;
const longestForm = 62_000;

/**
 * Texts on which a pattern takes the square of their length if it looks for its end from every place: a run
 * of what it repeats, and then what cannot be its end.
 */
const repeated = ["a", "%3A%2F%2F", " ", "a ", "a.", "-", ",", '"a"'];
/** @param length of each as a form or a query holds it, or as it is */
const texts = (length: number, encoded: (text: string) => string = encodeURIComponent) =>
  repeated.map((run) => {
    const count = Math.floor((length - 30) / encoded(run).length);
    return `${run.repeat(count)}:/!\t a`;
  });
const asIs = (text: string) => text;

/** How a value must begin to be parsed at all. */
const begins: Readonly<Record<string, string>> = {
  request_uri: "urn:ietf:params:oauth:request_uri:",
  request: "eyJhbGciOiJub25lIn0.",
  token: "at_",
  refresh_token: "rt_",
  redirect_uri: "https://",
  resource: "https://",
};
const given = (name: string, text: string) => (begins[name] ?? "") + text;

/** Parameters of URLs and forms whose values are parsed. */
const asked = [
  ...["request", "request_uri", "scope", "prompt", "ui_locales", "claims", "acr_values", "max_age"],
  ...["redirect_uri", "id_token_hint", "login_hint", "logout_hint", "user_code", "resource"],
  ...["interaction", "post_logout_redirect_uri"],
];
/** Each of a form together with another, as the longest body holds both. */
const pairs = [
  ...[["code", "device_code"], ["auth_req_id", "refresh_token"], ["token", "client_assertion"]],
  ...[["subject_token", "assertion"]],
  ...asked.slice(0, 8).map((name, n) => [name, asked[n + 8] ?? name]),
];
const grantTypes = ["authorization_code", "refresh_token", deviceGrant, cibaGrant];
const headers = [
  ["accept", "accept-encoding", "accept-language"],
  ["authorization", "cookie", "content-type"],
  ["dpop", "if-none-match", "if-match"],
  ["origin", "x-forwarded-for", "sec-fetch-dest"],
];

/** Milliseconds for an answer; asked again if it took long, because others keep the machine busy too. */
async function cost(ask: () => Promise<Response>): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < 5 && least > bound; n++) {
    const began = performance.now();
    const before = process.cpuUsage();
    await (await ask()).body?.cancel();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, performance.now() - began, (user + system) / 1000);
  }
  return least;
}

/** Collects what took too long. */
function stopwatch(provider: TestProvider) {
  const slow: string[] = [];
  const time = async (what: string, path: string, init: RequestInit = {}) => {
    const took = await cost(() => provider.request(path, init));
    if (took > bound) slow.push(`${what}: ${Math.round(took)} ms`);
  };
  return { slow, time };
}

async function aProviderOfAll() {
  const grant_types = ["authorization_code", "refresh_token", deviceGrant, cibaGrant];
  return await aProvider({
    clients: [aClient("shop", { grant_types, backchannel_token_delivery_mode: "poll" })],
    config: { registration: "open", dpopNonce: true, trustedProxies: 1 },
  });
}

Deno.test("no path, query or header of any length costs a public endpoint much", async () => {
  await using provider = await aProviderOfAll();
  const { slow, time } = stopwatch(provider);
  const endpoints = declaredIn(provider.deps).filter(({ kind }) => kind !== "api");
  const paths = endpoints.filter(({ methods }) => methods.includes("GET")).map(({ path }) => path);
  for (const path of paths.filter((one) => /[:*]/.test(one))) {
    for (const text of texts(longestUrl - 200, asIs)) {
      const long = path.replace(/\*|:\w+/, text.startsWith("%") ? text : encodeURI(text));
      await time(`${path} with ${text.slice(0, 9)}`, long.slice(0, longestUrl - 100));
    }
  }
  const fixed = { client_id: "shop", response_type: "code", prompt: "none" };
  for (const path of new Set(paths.filter((one) => !/[:*]|^\/account/.test(one)))) {
    const parsed = path === "/authorize" || path === "/logout" || path === "/device";
    for (const name of parsed ? asked : ["interaction"]) {
      for (const text of texts(longestUrl - 200)) {
        const query = new URLSearchParams({ ...fixed, [name]: given(name, text) });
        await time(`${path}: ${name} of ${text.slice(0, 9)}`, `${path}?${query}`);
      }
    }
  }
  const open = [
    "/.well-known/openid-configuration",
    "/userinfo",
    "/register",
    "/login",
    "/account",
  ];
  for (const path of [...open, "/token", "/admin/users"]) {
    for (const names of headers) {
      for (const text of texts(20_000, asIs)) {
        const sent = Object.fromEntries(names.map((name) => [name, text]));
        await time(`${path}: ${names} of ${text.slice(0, 9)}`, path, { headers: sent });
      }
    }
  }
  assertEquals(slow, []);
});

Deno.test("no form of any length costs a public endpoint much", async () => {
  await using provider = await aProviderOfAll();
  const { slow, time } = stopwatch(provider);
  const posts = declaredIn(provider.deps)
    // The forms of pages are looked at after their form token: two of them are below.
    .filter(({ kind, methods, path }) =>
      methods.includes("POST") && path !== "/token" &&
      (kind === "client" || kind === "resource" || path === "/authorize" || path === "/logout")
    )
    .map(({ path }): [string, Record<string, string>] => [path, provider.credentials()]);
  const tokens = grantTypes.map((grant_type): [string, Record<string, string>] => [
    "/token",
    { grant_type, ...provider.credentials() },
  ]);
  for (const [path, fixed] of [...tokens, ...posts]) {
    for (const names of pairs) {
      for (const text of texts(longestForm / 2)) {
        const body = new URLSearchParams({ ...fixed, response_type: "code" });
        for (const name of names) body.set(name, given(name, text));
        await time(`${path}: ${names} of ${text.slice(0, 9)}`, path, { method: "POST", body });
      }
    }
  }
  const pages: [path: string, names: readonly string[]][] = [
    ["/login", ["username", "password"]],
    ["/device", ["user_code"]],
  ];
  for (const [path, names] of pages) {
    const browser = provider.browser();
    const opened = await browser.open(path === "/login" ? provider.authorizeUrl() : path);
    const { hidden, action } = formOf(opened.body);
    for (const text of texts(longestForm / names.length)) {
      const body = new URLSearchParams(hidden);
      for (const name of names) body.set(name, text);
      const took = await cost(() => browser.send(action, { method: "POST", body }));
      if (took > bound) slow.push(`${path} with ${text.slice(0, 9)}: ${Math.round(took)} ms`);
    }
  }
  assertEquals(slow, []);
});

Deno.test("a URL that is too long is refused before anything else; a long request object fits", async () => {
  await using provider = await aProvider();
  const of = (path: string, length: number) => path + "x".repeat(length - path.length - 18);
  for (const path of ["/healthz?", "/authorize?state=", "/login?", "/nothing/", "/admin/users?"]) {
    const long = await provider.request(of(path, longestUrl + 1));
    const { error } = await long.json();
    assertEquals([long.status, error], [414, "invalid_request"], path);
    assertEquals(long.headers.get("cache-control"), "no-store");
    const fitting = await provider.request(of(path, longestUrl));
    await fitting.body?.cancel();
    assertEquals(fitting.status === 414, false, path);
  }
});
