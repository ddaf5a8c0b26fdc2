/** The status of an answer by a Unix socket; null if nobody listens there. */
async function statusAtSocket(socket: string, path: string): Promise<number | null> {
  try {
    using connection = await Deno.connect({ transport: "unix", path: socket });
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    const answer = await new Response(connection.readable).text();
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
  } catch {
    return null;
  }
}

/** Waits until a process that listens at a socket can do its work. */
export async function readyAtSocket(socket: string) {
  for (const giveUpAt = Date.now() + 60_000; Date.now() < giveUpAt;) {
    if (await statusAtSocket(socket, "/readyz") === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nobody is ready at ${socket} after a minute`);
}
