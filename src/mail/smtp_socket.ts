import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  /** Whether TLS comes first (RFC 8314 section 3.3), and not by STARTTLS. */
  readonly implicitTls: boolean;
}

/**
 * Connects to a mail server, and speaks no SMTP yet. The system looks its name up, as it does for all
 * else: nodemailer would ask DNS itself, and the operator for the right to see the network's interfaces.
 *
 * @param ca certificates to trust, in PEM; those of the system if there are none
 */
export async function connectSmtp(
  { host, port, implicitTls }: SmtpAddress,
  { ca, signal }: { readonly ca: string | undefined; readonly signal: AbortSignal },
): Promise<Socket> {
  const socket = connect({ host, port, autoSelectFamily: true });
  await event(socket, "connect", signal);
  if (!implicitTls) return socket;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const secured = connectTls({ socket, host, ...servername, ...(ca === undefined ? {} : { ca }) });
  // Deno 2.5 shakes hands only once somebody reads.
  secured.read(0);
  await event(secured, "secureConnect", signal);
  return secured;
}

function event(socket: Socket, name: "connect" | "secureConnect", signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  socket.once(name, resolve).once("error", reject);
  socket.once("close", () => reject(new Error("the connection was closed")));
  signal.addEventListener("abort", abort);
  return promise.catch((error) => {
    socket.destroy();
    throw error;
  }).finally(() => {
    socket.off("error", reject);
    signal.removeEventListener("abort", abort);
  });
}
