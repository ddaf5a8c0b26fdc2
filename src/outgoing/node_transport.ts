import type { Socket } from "node:net";
import { NotConnected, type OutgoingRequest, type Transport } from "../deps/transport.ts";

/**
 * Sends requests to an address and not to a name. `fetch` cannot do that: it resolves the name once more,
 * and gets another answer from a name server that wants it to (DNS rebinding). No proxy is used.
 * @param ca certificates to trust, in PEM; without it, Deno's own list
 */
export function nodeTransport({ ca }: { readonly ca?: string } = {}): Transport {
  return {
    async resolve(host) {
      const { lookup } = await import("node:dns/promises");
      return (await lookup(host, { all: true })).map(({ address }) => address);
    },
    async send(request) {
      const { Agent, request: begin } = await import("node:http");
      const { readAnswer } = await import("./read_answer.ts");
      const { url, signal } = request;
      const socket = await connected(request, ca);
      const agent = new Agent({ keepAlive: false });
      // The connection exists. (`https.request` would make one, and needs the permission `sys`.)
      agent.createConnection = () => socket;
      try {
        return await new Promise((resolve, reject) => {
          const sent = begin({
            agent,
            host: nameIn(url),
            path: url.pathname + url.search,
            method: request.method,
            headers: { ...request.headers, host: url.host },
            signal,
          }, (answer) => readAnswer(answer, request.mostBytes).then(resolve, reject));
          sent.on("error", reject);
          sent.end(request.body ?? undefined);
        });
      } finally {
        socket.destroy();
      }
    },
  };
}

/** A connection to the request's address; with TLS, to a server with a certificate for the URL's name. */
async function connected(
  { url, address, signal }: OutgoingRequest,
  ca: string | undefined,
): Promise<Socket> {
  // Loaded here, because a server starts in half the time without Node's modules.
  const { connect, isIP } = await import("node:net");
  const { connect: connectTls } = await import("node:tls");
  const isTls = url.protocol === "https:";
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  let isConnected = false;
  const failed = (cause: unknown) => {
    reject(isConnected ? cause : new NotConnected("no connection", { cause }));
  };
  const plain = connect({ host: address, port });
  let newest: Socket = plain;
  plain.on("error", failed);
  plain.once("connect", () => {
    isConnected = true;
    if (!isTls) return resolve(plain);
    const host = nameIn(url);
    const secured = connectTls({
      socket: plain,
      host,
      // An IP address is no server name (RFC 6066 section 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
    });
    newest = secured;
    secured.on("error", failed);
    secured.once("secureConnect", () => resolve(secured));
    secured.read(0); // some versions of Deno make no handshake before the first read
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await promise;
  } catch (error) {
    newest.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function nameIn({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
