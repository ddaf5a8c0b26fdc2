/// The worker of sqlite_thread.ts. SQLite runs in its own thread, so it blocks no request.
import { copySqlite, sqliteProblems } from "./sqlite_copy.ts";

export type SqliteTask =
  | { readonly kind: "copy"; readonly from: string; readonly to: string }
  | { readonly kind: "check"; readonly path: string };

export type SqliteReply =
  | { readonly kind: "ready" }
  | { readonly kind: "copied"; readonly bytes: number }
  | { readonly kind: "checked"; readonly problems: readonly string[] }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

// A worker's `self` has other members than a page's, and one program can declare only one of the two.
declare const self: {
  onmessage: ((event: MessageEvent<SqliteTask>) => void) | null;
  postMessage(reply: SqliteReply): void;
};

self.onmessage = async ({ data: task }) => {
  try {
    self.postMessage(
      task.kind === "copy"
        ? { kind: "copied", ...await copySqlite(task.from, task.to) }
        : { kind: "checked", problems: sqliteProblems(task.path) },
    );
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    self.postMessage({ kind: "failed", name, message });
  }
};
self.postMessage({ kind: "ready" });
