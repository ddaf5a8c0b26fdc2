import type { TokenResponse } from "../../src/issuing/token_response.ts";
import type { Person } from "./people.ts";
import type { Process } from "./process.ts";

/** One use of a single-use thing, and the answer to it. */
export interface Use {
  /** The code, refresh token or proof itself. */
  readonly thing: string;
  readonly process: Process;
  /**
   * Whether it is nobody's second use: the first, or a retry after nothing but 503s of one process
   * that is still the same.
   */
  readonly isHonest: boolean;
  /** The thing it was made from, and the time in epoch milliseconds; null: the grant has it. */
  readonly of: Origins | null;
  /** When it was sent and answered, as places in the order of all that parties see. */
  readonly sent: number;
  answered: number | null;
  /** Epoch milliseconds when it was answered. */
  time: number;
  /** Null: the connection was lost. */
  status: number | null;
  error: string | null;
}

/** The records that a thing without a grant depends on. */
export interface Origins {
  readonly sessionId: string;
  /** Epoch milliseconds: no earlier has it been made. */
  readonly madeAt: number;
}

/** Tokens that somebody was given. */
export interface Receipt {
  readonly clientId: string;
  readonly grantId: string;
  readonly tokens: TokenResponse;
  /** The code or refresh token that was presented for them. */
  readonly use: Use;
  readonly received: number;
}

export interface ReceivedCode {
  readonly code: string;
  readonly grantId: string;
  readonly clientId: string;
  /** The interaction of the page that was answered; null: there was none. */
  readonly interactionId: string | null;
  readonly requestUri: string | null;
  /** Epoch milliseconds: no earlier has it been made. */
  readonly askedAt: number;
}

/** What a client was given through the browser, and not for a code. */
export interface InFront {
  /** The interaction of the page that was answered; null: there was none. */
  readonly interactionId: string | null;
  readonly grantId: string;
  readonly clientId: string;
  readonly accessToken: string | null;
  readonly idToken: string | null;
}

/** Something whose end somebody was told of. */
export interface AcknowledgedEnd {
  readonly what: "grant" | "session" | "access token";
  /** The id; of an access token the token itself. */
  readonly id: string;
}

/** An account that somebody was told is made. */
export interface MadeAccount {
  readonly person: Person;
  /** The one that its link has proved: of two who have the link, it is one's own. */
  readonly address: string;
  /** Null: it has a password. */
  readonly credentialId: string | null;
}

/** Something of a person's that was replaced by something else. */
export interface Replacement {
  readonly what: "password" | "address";
  readonly userId: string;
  /** The current value; null: it was removed. */
  readonly value: string | null;
  /** When it was sent and acknowledged, as places in the order of all that parties see. */
  readonly sent: number;
  answered: number | null;
}

/** The actions of the outside parties and the answers they got. The history has what really happened. */
export interface EventLog {
  /** Notes that something is being presented. */
  present(thing: string, process: Process, of?: Origins): Use;
  answer(use: Use, answer: Pick<Use, "status" | "error" | "time">): void;
  usesOf(thing: string): readonly Use[];
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  readonly codes: ReceivedCode[];
  readonly receipts: Receipt[];
  readonly inFront: InFront[];
  /**
   * Everything that somebody has asked to end, with any result: `grant <id>` or `session <id>`, and for
   * a user `all of <id>` by a reset, or `address of <id>`.
   */
  readonly askedToEnd: Set<string>;
  /** The grants, by id, of requests with authorization details. */
  readonly withDetails: Set<string>;
  readonly ends: AcknowledgedEnd[];
  /** The grants and sessions, by id, that a user knew of when an acknowledged reset began. */
  readonly resets: { readonly grants: readonly string[]; readonly sessions: readonly string[] }[];
  /** Single-use things that worked, such as `invitation ID`, one entry for each acknowledged use. */
  readonly openings: { readonly thing: string }[];
  readonly accounts: MadeAccount[];
  /** Passkeys that somebody was told are theirs, beside those of new accounts. */
  readonly passkeys: { readonly person: Person; readonly credentialId: string }[];
  /** The users whose authenticator app was acknowledged. */
  readonly apps: Person[];
  readonly replacements: Replacement[];
  /** Notes that something is being replaced, whatever comes of it. */
  replace(what: Replacement["what"], userId: string, value: string | null): Replacement;
  /** The next place in the order of all that parties see. */
  moment(): number;
}

export function eventLog(): EventLog {
  const uses = new Map<string, Use[]>();
  const replacements: Replacement[] = [];
  let moments = 0;
  const moment = () => ++moments;

  return {
    present(thing, process, of) {
      const before = uses.get(thing) ?? [];
      const isHonest = before.every((use) =>
        use.status === 503 && use.process === process && process.isAlive
      );
      const unanswered = { answered: null, time: 0, status: null, error: null };
      const use: Use = { thing, process, isHonest, of: of ?? null, sent: moment(), ...unanswered };
      uses.set(thing, [...before, use]);
      return use;
    },
    answer(use, answer) {
      Object.assign(use, answer, { answered: moment() });
    },
    usesOf: (thing) => uses.get(thing) ?? [],
    uses,
    codes: [],
    receipts: [],
    inFront: [],
    askedToEnd: new Set(),
    withDetails: new Set(),
    ends: [],
    resets: [],
    openings: [],
    accounts: [],
    passkeys: [],
    apps: [],
    replacements,
    replace(what, userId, value) {
      const replacement: Replacement = { what, userId, value, sent: moment(), answered: null };
      replacements.push(replacement);
      return replacement;
    },
    moment,
  };
}

/** The grant that a code or a token of ours names. */
export function grantIdOf(thing: string): string {
  // An id may itself begin as a prefix does.
  return /^(?:[ar]t_)?([\w-]{22})\./.exec(thing)?.[1] ?? "";
}

/** Which use of its family a refresh token is for. */
export function generationOf(refreshToken: string): number {
  return Number(refreshToken.split(".")[1]);
}
