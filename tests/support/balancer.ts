/** A proxy that gives each request to the next process. */
export interface Balancer {
  close(): Promise<void>;
}

const hopByHop = ["connection", "keep-alive", "transfer-encoding", "host", "content-length"];

/**
 * Listens on a port of this machine, as a proxy in front of several processes does.
 *
 * @param targets the processes' URLs, asked for at each request
 */
export function aBalancer(port: number, targets: () => readonly string[]): Balancer {
  let turn = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    async (request, { remoteAddr }) => {
      const all = targets();
      const { pathname, search, host } = new URL(request.url);
      const headers = new Headers(request.headers);
      for (const name of hopByHop) headers.delete(name);
      const client = remoteAddr.transport === "tcp" ? remoteAddr.hostname : "127.0.0.1";
      const forwarded = request.headers.get("x-forwarded-for");
      headers.set("x-forwarded-for", forwarded === null ? client : `${forwarded}, ${client}`);
      headers.set("x-forwarded-host", host);
      const body = await request.bytes();
      const target = all[turn++ % all.length] ?? "";
      const answer = await fetch(new URL(pathname + search, target), {
        method: request.method,
        headers,
        body: body.length > 0 ? body : null,
        redirect: "manual",
      }).catch(() => null);
      if (answer === null) return new Response("no answer from the process", { status: 502 });
      const answerHeaders = new Headers(answer.headers);
      // fetch has already decoded the body.
      for (const name of ["content-encoding", "content-length", "transfer-encoding"]) {
        answerHeaders.delete(name);
      }
      const { status } = answer;
      const hasBody = status !== 204 && status !== 304;
      return new Response(hasBody ? await answer.bytes() : null, {
        status,
        headers: answerHeaders,
      });
    },
  );
  return { close: () => server.shutdown() };
}
