import type { Person, PersonOptions } from "../support/person.ts";
import type { BrowserServer, ServerOptions } from "../support/server.ts";

/** A page that somebody can come to, and the way there. */
export interface ReachablePage {
  /** Of the server on which it is shown. */
  readonly server?: ServerOptions;
  readonly person?: PersonOptions;
  /** Goes there, in any language, as fast as it likes: the page is looked at when it has returned. */
  readonly open: (at: Place) => Promise<void>;
  /** Its script leads away from it, so that a reload never ends. */
  readonly leavesByItself?: boolean;
  /** Bytes of HTML, where more than 30,000 are right. */
  readonly bytesLimit?: number;
}

/** Where somebody sets out: a browser that nothing was opened in. */
export interface Place extends Pick<Person, "page" | "context" | "newTab"> {
  readonly server: BrowserServer;
}

/** By the page's name, of which its screenshots have theirs. */
export type ReachablePages = Readonly<Record<string, ReachablePage>>;
