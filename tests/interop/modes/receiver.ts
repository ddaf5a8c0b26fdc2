import { freePort } from "../../support/server_process.ts";
import { localhostCertificate } from "../../support/localhost_certificate.ts";

/** Takes what the server sends, by TLS, and hands it to a relying party, which may be another process. */
export interface Receiver extends AsyncDisposable {
  /** For relying parties: PUT publishes, GET takes what was sent here. */
  readonly inbox: string;
  /** For the server: GET reads what was published, POST sends. */
  readonly published: string;
}

export function aReceiver(): Receiver {
  const texts = new Map<string, string>();
  const sent = new Map<string, string>();
  const [plain, secured] = [freePort(), freePort()];
  const options = { hostname: "127.0.0.1", onListen() {} };
  const inside = Deno.serve({ ...options, port: plain }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "PUT") {
      texts.set(pathname, await request.text());
      return new Response(null, { status: 204 });
    }
    const text = sent.get(pathname);
    sent.delete(pathname);
    return new Response(text ?? null, { status: text === undefined ? 404 : 200 });
  });
  const { certificate: cert, key } = localhostCertificate;
  const outside = Deno.serve({ ...options, port: secured, cert, key }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") {
      const headers = { "content-type": "application/oauth-authz-req+jwt" };
      const text = texts.get(pathname);
      return new Response(text ?? null, { status: text === undefined ? 404 : 200, headers });
    }
    const { headers } = request;
    const authorization = headers.get("authorization");
    sent.set(pathname, JSON.stringify({ authorization, body: await request.text() }));
    return new Response(null, { status: 204 });
  });
  return {
    inbox: `http://127.0.0.1:${plain}`,
    published: `https://localhost:${secured}`,
    async [Symbol.asyncDispose]() {
      await Promise.all([inside.shutdown(), outside.shutdown()]);
    },
  };
}
