import { z } from "zod";
import type { Ref } from "../../stores/engine/collection.ts";
import * as demoSessions from "../../stores/demo_sessions.ts";
import type {
  DemoContent,
  DemoSession,
  DemoTokens,
  PendingSignIn,
} from "../../stores/demo_sessions.ts";
import { keyQueue } from "../../stores/engine/key_queue.ts";
import { id, type Origin } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { type Fetch, newRecorder, type Recorder } from "./recorder.ts";
import { relyingParty } from "./relying_party.ts";

/** A request of one browser. */
export interface Visit {
  readonly origin: Origin;
  readonly at: Ref<DemoSession>;
}

/** Does one action. @returns where to send the browser; null: back to the demo */
export type DemoAction = (visit: Visit) => Promise<string | null>;

/** The actions of the demo. An error of the provider becomes the notice of the next page. */
export interface Demo {
  read(visit: Visit): Promise<DemoSession | null>;
  readonly signIn: DemoAction;
  /** Accepts the authorization response once. A reload changes nothing. */
  finishSignIn(visit: Visit, callback: URL): Promise<void>;
  readonly refresh: DemoAction;
  readonly introspect: DemoAction;
  /** Afterwards it calls userinfo and introspection, to show what they say now. */
  readonly revoke: DemoAction;
  readonly signOut: DemoAction;
  /** Notes that the provider sent the browser back. */
  finishSignOut(visit: Visit, state: string): Promise<void>;
}

/** It may run twice, so it must have no effects. */
type Change = (before: DemoContent) => Partial<DemoContent>;

interface Outcome {
  readonly change: Change;
  readonly location?: string;
}

export function createDemo(deps: Deps, fetch: Fetch): Demo {
  const party = relyingParty(deps);
  const queue = keyQueue();

  return {
    read,
    signIn: (visit) =>
      act(visit, async (recorder) => {
        const { url, pending } = await party.beginSignIn(recorder);
        const change: Change = (before) => ({
          pending: [...before.pending, pending],
          exchanges: [], // the page shows one flow
          notice: null,
        });
        return { change, location: url };
      }),
    async finishSignIn(visit, callback) {
      const pending = await takePending(visit, callback.searchParams.get("state"));
      if (pending === null) return;
      await act(visit, async (recorder) => {
        const tokens = await party.finishSignIn(recorder, callback, pending);
        const message =
          "Signed in. The ID token has the right signature, issuer, audience and nonce.";
        return { change: () => ({ tokens, ...info(message) }) };
      });
    },
    refresh: (visit) =>
      withTokens(visit, async (recorder, before) => {
        const tokens = await party.refresh(recorder, before);
        const rotated = tokens.refreshToken !== before.refreshToken;
        const message = rotated ? "Refreshed, with a new refresh token." : "Refreshed.";
        return { change: () => ({ tokens, ...info(message) }) };
      }),
    introspect: (visit) =>
      withTokens(visit, async (recorder, tokens) => {
        const active = await party.introspect(recorder, tokens);
        return { change: () => info(introspectionSays(active)) };
      }),
    revoke: (visit) =>
      withTokens(visit, async (recorder, before) => {
        const tokens = await party.revoke(recorder, before);
        const message = `Revoked. ${introspectionSays(await party.introspect(recorder, before))}`;
        return { change: () => ({ tokens, ...info(message) }) };
      }),
    signOut: (visit) =>
      withTokens(visit, async (recorder, tokens) => {
        const { url, state } = await party.beginSignOut(recorder, tokens);
        const change: Change = () => ({
          tokens: null,
          signOutState: state,
          ...info("Signed out of the demo."),
        });
        return { change, location: url };
      }),
    finishSignOut: (visit, state) =>
      change(
        visit,
        (before) =>
          before.signOutState === state
            ? { signOutState: null, ...info("Signed out of the demo and of the provider.") }
            : {},
      ),
  };

  async function read(visit: Visit): Promise<DemoSession | null> {
    const { session } = await deps.kv.step(visit.origin, (tx) => tx.read({ session: visit.at }));
    return session.value;
  }

  async function withTokens(
    visit: Visit,
    work: (recorder: Recorder, tokens: DemoTokens) => Promise<Outcome>,
  ): Promise<string | null> {
    return await act(visit, async (recorder) => {
      const tokens = (await read(visit))?.tokens ?? null;
      if (tokens === null) return { change: () => failure("Nobody is signed in: sign in first.") };
      return await work(recorder, tokens);
    });
  }

  /**
   * One action at a time for each browser: if a double click sent a refresh token twice, it would look
   * stolen.
   */
  async function act(
    visit: Visit,
    work: (recorder: Recorder) => Promise<Outcome>,
  ): Promise<string | null> {
    const turn = await queue.acquire([id(visit.at.key)]);
    try {
      const recorder = newRecorder(fetch);
      const outcome: Outcome = await work(recorder).catch((error) => {
        deps.logger.debug("the demo met an error", { error });
        return { change: () => failure(explained(error)) };
      });
      await change(visit, (before) => {
        const after = { ...before, ...outcome.change(before) };
        return { ...after, exchanges: [...after.exchanges, ...recorder.exchanges] };
      });
      return outcome.location ?? null;
    } finally {
      turn.release();
    }
  }

  /** In its own commit, before the code is sent: of two callbacks with one state, one gets it. */
  async function takePending(visit: Visit, state: string | null): Promise<PendingSignIn | null> {
    return await deps.kv.step(visit.origin, async (tx) => {
      const { session } = await tx.read({ session: visit.at });
      const before = session.value ?? nothing;
      const pending = before.pending.find((one) => one.state === state) ?? null;
      if (pending !== null) {
        const others = before.pending.filter((one) => one !== pending);
        demoSessions.keep(tx, session, { ...before, pending: others });
      } else if (session.value === null) {
        const message = "No sign-in began in this browser: begin one here.";
        demoSessions.keep(tx, session, { ...nothing, ...failure(message) });
      }
      return pending;
    });
  }

  async function change(visit: Visit, work: Change): Promise<void> {
    await deps.kv.step(visit.origin, async (tx) => {
      const { session } = await tx.read({ session: visit.at });
      const before = session.value ?? nothing;
      demoSessions.keep(tx, session, { ...before, ...work(before) });
    });
  }
}

const nothing: DemoContent = {
  pending: [],
  tokens: null,
  signOutState: null,
  notice: null,
  exchanges: [],
};

function info(message: string): Pick<DemoContent, "notice"> {
  return { notice: { kind: "info", message } };
}

function failure(message: string): Pick<DemoContent, "notice"> {
  return { notice: { kind: "error", message: message.slice(0, 1000) } };
}

function introspectionSays(active: boolean): string {
  return `Introspection says that the access token is ${active ? "" : "not "}active.`;
}

const protocolError = z.object({ error: z.string(), error_description: z.string().optional() });

/** The error of the provider, or the error that the library found in its answer. */
function explained(error: unknown): string {
  const parsed = protocolError.safeParse(error);
  if (!parsed.success) return error instanceof Error ? error.message : String(error);
  const { error: code, error_description: description } = parsed.data;
  return description === undefined ? code : `${code}: ${description}`;
}
