/** One HTTP request, to an address that was checked. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  /** An IP address. The connection goes there, whatever the name in the URL resolves to by then. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body: string | null;
  /** The answer is cut off after this many bytes. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How requests leave the server. Only `src/outgoing/send.ts` uses it, because it checks nothing. */
export interface Transport {
  /** The IP addresses of a host name. @throws any error if there are none */
  resolve(host: string): Promise<readonly string[]>;
  /**
   * Follows no redirect.
   * @throws {NotConnected} if nothing was sent
   * @throws {AnswerTooLarge}
   * @throws any other error if the request failed later
   */
  send(request: OutgoingRequest): Promise<OutgoingAnswer>;
}

/** No connection could be made, so another address may be tried. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** The answer has more bytes than the request allows. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}
