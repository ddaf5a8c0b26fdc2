import type { IncomingMessage } from "node:http";
import { AnswerTooLarge, type OutgoingAnswer } from "../deps/transport.ts";
import { receivedBytes } from "../protocol/received_bytes.ts";

/** Reads the answer of another server. @throws {AnswerTooLarge} */
export function readAnswer(answer: IncomingMessage, mostBytes: number): Promise<OutgoingAnswer> {
  return new Promise((resolve, reject) => {
    // Counted as it arrives: Content-Length may be missing or wrong.
    const received = receivedBytes(mostBytes);
    answer.on("data", (part: Uint8Array) => {
      if (!received.add(part)) reject(new AnswerTooLarge("the answer is too large"));
    });
    answer.on("error", reject);
    answer.on("aborted", () => reject(new Error("the connection was cut")));
    answer.on("end", () => {
      const bytes = received.all();
      resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), bytes });
    });
  });
}

function headersOf({ headers }: IncomingMessage): Headers {
  const found = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) found.append(name, one);
  }
  return found;
}
