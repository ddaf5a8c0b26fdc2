import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
  /** Whether TLS starts at once (RFC 8314 section 3.3), and not by STARTTLS. */
  readonly implicitTls: boolean;
}

/**
 * Connects to a mail server, without sending SMTP yet. The system resolves the name: nodemailer would
 * query DNS itself, and would need the permission to read the network interfaces.
 * @param ca certificates to trust, in PEM; without it, those of the system
 */
export async function connectSmtp(
  { host, port, implicitTls }: SmtpAddress,
  { ca, signal }: { readonly ca: string | undefined; readonly signal: AbortSignal },
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port, autoSelectFamily: true });
  let newest = socket;
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the connection was closed")));
  socket.once("connect", () => {
    if (!implicitTls) return resolve(socket);
    // Start TLS at once, and read: Deno 2.5 makes no TLS handshake on a socket that already reads by
    // itself, nor before the first read.
    const secured = connectTls({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
    });
    newest = secured;
    secured.once("error", reject).once("secureConnect", () => resolve(secured));
    secured.read(0);
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    const connected = await promise;
    connected.off("error", reject);
    return connected;
  } catch (error) {
    newest.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
