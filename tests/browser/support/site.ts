import { aClient, type ClientEntry } from "../../support/clients.ts";

/** A server of somebody else, for example a client's. */
export interface Site extends AsyncDisposable {
  /** By its number: to a browser another site than localhost, where the provider is. */
  readonly origin: string;
}

/** @param handler answers its requests; without one, every page says the address that was asked for */
export function aSite(
  handler: (request: Request) => Response | Promise<Response> = itsAddress,
): Site {
  const listener = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
}

function itsAddress(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  // The icon is asked for by the browser itself.
  if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
  return new Response(`${pathname}${search}`, { headers: { "content-type": "text/plain" } });
}

/** A client called shop that is at home there. */
export function clientAt(site: Site, members: Record<string, unknown> = {}): ClientEntry {
  return aClient("shop", { redirect_uris: [`${site.origin}/callback`], ...members });
}

/** For `waitForURL`: whether the browser has come there. */
export function isAt(site: Site): (url: URL) => boolean {
  return (url) => url.origin === site.origin;
}
