/** A browser for tests, without rendering: cookies, redirects and forms. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** One request, with this browser's cookies; redirects are not followed. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Follows redirects for as long as they stay on the provider. */
  open(path: string, init?: RequestInit): Promise<Landing>;
  /** Posts the form that an answer's page shows, with what the person fills in. */
  submit(landing: Landing, fields: Readonly<Record<string, string>>): Promise<Landing>;
  /** Opens an authorization request and does what its pages ask for. @returns where the client gets it */
  signInAndAllow(path: string, person: { username: string; password: string }): Promise<URL>;
}

/** The end of a chain of redirects: a page of the provider, or a redirect to a client. */
export interface Landing {
  readonly url: URL;
  readonly response: Response;
  readonly body: string;
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

export function newBrowser(request: Send, origin: string): Browser {
  const cookies = new Map<string, string>();
  /** @param own cookies that count here, whatever another tab has set meanwhile */
  async function send(path: string, init: RequestInit = {}, own = new Map<string, string>()) {
    const headers = new Headers(init.headers);
    const jar = [...new Map([...cookies, ...own])].map(([name, value]) => `${name}=${value}`).join(
      "; ",
    );
    if (jar !== "") headers.set("cookie", jar);
    if ((init.method ?? "GET") !== "GET" && !headers.has("origin")) headers.set("origin", origin);
    const response = await request(path, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) store(cookies, line);
    return response;
  }
  const browser: Browser = {
    cookies,
    send: (path, init) => send(path, init),
    async open(path, init) {
      let url = new URL(path, origin);
      let response = await browser.send(path, init);
      // A test that sends many forms at once means that each is answered by the page that is its own.
      const own = new Map<string, string>();
      for (const line of response.headers.getSetCookie()) {
        if (line.includes("latchkey_form_answer=")) store(own, line);
      }
      for (let hops = 0; hops < 10; hops++) {
        const location = leadsTo(response);
        if (location === null) break;
        await response.body?.cancel();
        url = new URL(location, url);
        if (url.origin !== origin) return { url, response, body: "" };
        response = await send(url.pathname + url.search, {}, own);
      }
      return { url, response, body: await response.text() };
    },
    async submit(landing, fields) {
      const { action, hidden } = formOf(landing.body);
      const body = new URLSearchParams({ ...hidden, ...fields });
      const next = await browser.open(action, { method: "POST", body });
      if (next.url.origin !== origin) assertMayLeave(landing);
      return next;
    },
    async signInAndAllow(path, { username, password }) {
      let landing = await browser.open(path);
      if (landing.url.pathname === "/login") {
        landing = await browser.submit(landing, { username, password });
      }
      if (landing.url.pathname === "/consent") {
        landing = await browser.submit(landing, { decision: "allow" });
      }
      if (landing.url.origin !== origin) return landing.url;
      throw new Error(`stopped at ${landing.url}: ${landing.response.status}\n${landing.body}`);
    },
  };
  return browser;
}

/** Where a browser goes on from an answer at once; null: it stays. */
export function leadsTo({ headers }: Response): string | null {
  return headers.get("location") ?? /^0; url=(.+)$/.exec(headers.get("refresh") ?? "")?.[1] ?? null;
}

/** Chromium applies `form-action` to every redirect after a POST. */
function assertMayLeave({ url, response }: Landing) {
  if (!response.headers.get("content-security-policy")?.includes("form-action")) return;
  throw new Error(`form-action: no browser goes on to the client from a form of ${url}`);
}

/** The last form of a page: where it goes and what it holds. */
export function formOf(html: string): { action: string; hidden: Record<string, string> } {
  const forms = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form);
  const form = forms.at(-1);
  if (form === undefined) throw new Error(`no form in\n${html}`);
  const hidden: Record<string, string> = {};
  for (const [input] of form.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    const name = attribute(input, "name");
    if (name !== null) hidden[name] = attribute(input, "value") ?? "";
  }
  return { action: attribute(form, "action") ?? "", hidden };
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : value
    .replaceAll("&quot;", '"').replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function store(cookies: Map<string, string>, line: string) {
  const [pair = "", ...attributes] = line.split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, equals).trim();
  const gone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
  if (gone) cookies.delete(name);
  else cookies.set(name, pair.slice(equals + 1).trim());
}
