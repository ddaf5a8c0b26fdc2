import * as http2 from "node:http2";

/** A proxy before a KV Connect server, on whose way back answers get lost. */
export interface DroppingProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on the answer to every n-th commit is lost after the server has executed it; 0: none. */
  dropEvery(n: number): void;
  /** How many answers were lost until now. */
  dropped(): number;
}

/**
 * Starts the proxy. KV Connect speaks HTTP/2 without TLS, from the first byte on.
 *
 * It needs Deno 2.9: the `node:http2` of 2.5 hangs at the second request of a connection.
 */
export async function aDroppingProxy(targetPort: number): Promise<DroppingProxy> {
  let every = 0;
  let commits = 0;
  let dropped = 0;
  const upstreams = new Set<http2.ClientHttp2Session>();
  const sessions = new Set<http2.ServerHttp2Session>();

  const server = http2.createServer();
  server.on("session", (session) => {
    const upstream = http2.connect(`http://127.0.0.1:${targetPort}`);
    upstreams.add(upstream);
    sessions.add(session);
    const end = () => {
      upstreams.delete(upstream);
      sessions.delete(session);
      upstream.destroy();
      session.destroy();
    };
    for (const side of [session, upstream]) side.on("close", end).on("error", end);
    session.on("stream", (stream, headers) => {
      const isLost = headers[":path"]?.endsWith("/atomic_write") && every > 0 &&
        ++commits % every === 0;
      const forwarded = upstream.request(headers);
      stream.on("error", () => forwarded.close());
      forwarded.on("error", () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
      stream.pipe(forwarded);
      if (isLost) {
        // The answer is read to its end: what is lost is lost after the server has done its work.
        forwarded.resume();
        forwarded.on("end", () => {
          dropped++;
          stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
        });
        return;
      }
      forwarded.on("response", (answer) => {
        stream.respond(answer);
        forwarded.pipe(stream);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    port: address.port,
    dropEvery: (n) => void (every = n),
    dropped: () => dropped,
    async [Symbol.asyncDispose]() {
      for (const session of [...sessions, ...upstreams]) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
