import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Transport } from "../../src/deps/transport.ts";
import { nodeTransport } from "../../src/outgoing/node_transport.ts";
import { localhostCertificate } from "./localhost_certificate.ts";

export interface HostileServer extends AsyncDisposable {
  readonly port: number;
  /** The request lines that arrived, with the Host header. */
  readonly seen: readonly string[];
}

/** A server of somebody else. It speaks TLS with a certificate for localhost and 127.0.0.1. */
export async function hostileServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { address = "127.0.0.1", tls = true }: { readonly address?: string; readonly tls?: boolean } = {},
): Promise<HostileServer> {
  const seen: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url}`);
    answer(request, response);
  };
  const { certificate, key } = localhostCertificate;
  const server = tls
    ? createTlsServer({ cert: certificate, key }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * The real transport with a name server of the test.
 * @param answers for each lookup, in turn; the last one for all that follow
 */
export function transportWith(
  ...answers: readonly (readonly string[])[]
): Transport & { readonly lookups: readonly string[] } {
  const lookups: string[] = [];
  return {
    ...nodeTransport({ ca: localhostCertificate.authority }),
    lookups,
    resolve(host) {
      const answer = answers[Math.min(lookups.length, answers.length - 1)] ?? [];
      lookups.push(host);
      return Promise.resolve(answer);
    },
  };
}
