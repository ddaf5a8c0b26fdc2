import { decodeJwt } from "jose";
import type { OutgoingRequest, Transport } from "../../src/deps/transport.ts";

export interface ReceivedLogout {
  readonly url: string;
  readonly request: OutgoingRequest;
  /** The logout token. */
  readonly token: string;
}

/** The applications that are told of logouts, as the provider reaches them. */
export interface LogoutReceiver extends Transport {
  /** What arrived, oldest first. */
  readonly received: ReceivedLogout[];
  /** The audience and the `sid` of each token that was accepted, as `shop sid`, sorted. */
  accepted(): string[];
  /** Sets the answers of one URL. */
  answer(url: string, answer: Answer): void;
}

/** A status, or the work of an application that answers when it likes. */
export type Answer = number | (() => Promise<number>);

/** All applications have a public address, and accept what arrives unless the test says otherwise. */
export function logoutReceiver(): LogoutReceiver {
  const answers = new Map<string, Answer>();
  const received: ReceivedLogout[] = [];
  const accepted: string[] = [];
  return {
    received,
    accepted: () => accepted.toSorted(),
    answer: (url, answer) => void answers.set(url, answer),
    resolve: () => Promise.resolve(["8.8.8.8"]),
    async send(request) {
      const url = request.url.href;
      const token = new URLSearchParams(request.body ?? "").get("logout_token") ?? "";
      received.push({ url, request, token });
      const answer = answers.get(url) ?? 200;
      const status = typeof answer === "number" ? answer : await answer();
      if (status === 200 || status === 204) {
        const { aud, sid } = decodeJwt(token);
        accepted.push(`${aud} ${sid}`);
      }
      return { status, headers: new Headers(), bytes: new Uint8Array() };
    },
  };
}
