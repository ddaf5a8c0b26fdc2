import { AnswerTooLarge, type OutgoingRequest, type Transport } from "../../src/deps/transport.ts";

/** What a server of the test answers; a text is a 200. */
export type WebAnswer = string | {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** The web as the provider sees it: servers by host, and all requests that left. */
export interface TestWeb extends Transport {
  /** Publishes, replaces or (null) takes down what is at a URL. */
  publish(url: string, answer: WebAnswer | null): void;
  /** The URLs that were asked for, oldest first. */
  readonly asked: string[];
}

/** Each host has the same public address, and answers what was published. */
export function testWeb(): TestWeb {
  const published = new Map<string, WebAnswer>();
  const asked: string[] = [];
  return {
    asked,
    publish(url, answer) {
      if (answer === null) published.delete(url);
      else published.set(url, answer);
    },
    resolve: () => Promise.resolve(["8.8.8.8"]),
    send({ url, mostBytes }: OutgoingRequest) {
      asked.push(url.href);
      const found = published.get(url.href) ?? { status: 404 };
      const { status = 200, headers = {}, body = "" } = typeof found === "string"
        ? { body: found }
        : found;
      const bytes = new TextEncoder().encode(body);
      if (bytes.length > mostBytes) return Promise.reject(new AnswerTooLarge("it is too large"));
      const json = { "content-type": "application/json" };
      return Promise.resolve({ status, headers: new Headers({ ...json, ...headers }), bytes });
    },
  };
}

/** The web with the document of a sector. */
export function sectorWeb(url: string, redirectUris: readonly string[]): TestWeb {
  const web = testWeb();
  web.publish(url, JSON.stringify(redirectUris));
  return web;
}
