import type { Client } from "./clients.ts";

/** What a record of something made for a client says of it. Null: an earlier release did not record it. */
export interface RecordedClient {
  readonly clientCreatedAt: number | null;
  readonly clientEpoch: number | null;
}

export function recordedClient({ createdAt, epoch }: Client): {
  readonly clientCreatedAt: number;
  readonly clientEpoch: number;
} {
  return { clientCreatedAt: createdAt, clientEpoch: epoch };
}

/** Whether it is the client of the record, and not a later one with the same id. */
export function isSameClient(
  { createdAt }: Client,
  { clientCreatedAt }: Pick<RecordedClient, "clientCreatedAt">,
): boolean {
  return (clientCreatedAt ?? createdAt) === createdAt;
}

/** Whether it is the same client, and still authenticates as it did then. */
export function isUnchangedClient(client: Client, recorded: RecordedClient): boolean {
  return isSameClient(client, recorded) &&
    (recorded.clientEpoch ?? client.epoch) === client.epoch;
}
