import type { Transport } from "../../src/deps/transport.ts";
import { aCallCentre } from "./backchannel.ts";
import type { ClientEntry } from "./clients.ts";
import type { Answer } from "./logout_receiver.ts";

export interface ReceivedPing {
  readonly url: string;
  readonly authorization: string | null;
  readonly type: string | null;
  readonly body: unknown;
}

/** The clients that are told of answers, as the provider reaches them. */
export interface PingReceiver extends Transport {
  /** What arrived, oldest first. */
  readonly received: ReceivedPing[];
  /** Sets the answer of one client; without, it accepts. */
  answer(clientId: string, answer: Answer): void;
}

/** All clients have a public address, and accept what arrives unless the test says otherwise. */
export function pingReceiver(): PingReceiver {
  const answers = new Map<string, Answer>();
  const received: ReceivedPing[] = [];
  return {
    received,
    answer: (clientId, answer) => void answers.set(pingUri(clientId), answer),
    resolve: () => Promise.resolve(["8.8.8.8"]),
    async send({ url: { href: url }, headers, body }) {
      const { authorization = null, "content-type": type = null } = headers;
      received.push({ url, authorization, type, body: JSON.parse(body ?? "") });
      const answer = answers.get(url) ?? 204;
      const status = typeof answer === "number" ? answer : await answer();
      return { status, headers: new Headers(), bytes: new Uint8Array() };
    },
  };
}

export function pingUri(clientId: string): string {
  return `https://${clientId}.example/ping`;
}

/** A client that asks users who are elsewhere, and is told of their answers. */
export function aPingedClient(id = "bank", members: Record<string, unknown> = {}): ClientEntry {
  return aCallCentre(id, {
    backchannel_token_delivery_mode: "ping",
    backchannel_client_notification_endpoint: pingUri(id),
    ...members,
  });
}
