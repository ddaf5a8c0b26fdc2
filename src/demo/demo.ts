import { z } from "zod";
import type { Ref } from "../../stores/collection.ts";
import * as demoSessions from "../../stores/demo_sessions.ts";
import type {
  DemoContent,
  DemoSession,
  DemoTokens,
  PendingSignIn,
} from "../../stores/demo_sessions.ts";
import { keyQueue } from "../../stores/key_queue.ts";
import { id, type Origin } from "../../stores/transaction.ts";
import type { Deps } from "../deps.ts";
import { type Fetch, newRecorder, type Recorder } from "./recorder.ts";
import { relyingParty } from "./relying_party.ts";

/** A request of one browser. */
export interface Visit {
  readonly origin: Origin;
  readonly at: Ref<DemoSession>;
}

/** What its buttons do. What goes wrong at the provider is kept as the notice of the next page. */
export interface Demo {
  read(visit: Visit): Promise<DemoSession | null>;
  /** @returns where to send the browser; null: back to the demo */
  signIn(visit: Visit): Promise<string | null>;
  /** Takes the authorization response, once: a reload changes nothing. */
  finishSignIn(visit: Visit, callback: URL): Promise<null>;
  refresh(visit: Visit): Promise<null>;
  introspect(visit: Visit): Promise<null>;
  revoke(visit: Visit): Promise<null>;
  /** @returns where to send the browser; null: back to the demo */
  signOut(visit: Visit): Promise<string | null>;
  /** Notes that the provider sent the browser back from signing out. */
  finishSignOut(visit: Visit, state: string): Promise<void>;
}

type Changes = Partial<DemoContent> & { readonly message?: string };

export function createDemo(deps: Deps, fetch: Fetch): Demo {
  const party = relyingParty(deps);
  const queue = keyQueue();

  return {
    read,
    async signIn(visit) {
      let location: string | null = null;
      await act(visit, async (recorder) => {
        const { url, pending } = await party.beginSignIn(recorder);
        location = url;
        await change(visit, (before) => ({
          pending: [...before.pending, pending],
          exchanges: [],
        }));
        return { notice: null };
      });
      return location;
    },
    async finishSignIn(visit, callback) {
      const pending = await takePending(visit, callback.searchParams.get("state"));
      if (pending === null) return null;
      return await act(visit, async (recorder) => ({
        tokens: await party.finishSignIn(recorder, callback, pending),
        message: "Signed in. Signature, issuer, audience, nonce and times of the ID token are right.",
      }));
    },
    refresh: (visit) =>
      withTokens(visit, async (recorder, tokens) => {
        const refreshed = await party.refresh(recorder, tokens);
        const rotated = refreshed.refreshToken !== tokens.refreshToken;
        return {
          tokens: refreshed,
          message: rotated ? "Refreshed, with a new refresh token." : "Refreshed.",
        };
      }),
    introspect: (visit) =>
      withTokens(visit, async (recorder, tokens) => {
        return { message: introspectionSays(await party.introspect(recorder, tokens)) };
      }),
    revoke: (visit) =>
      withTokens(visit, async (recorder, tokens) => {
        const after = await party.revoke(recorder, tokens);
        const active = await party.introspect(recorder, tokens);
        return { tokens: after, message: `Revoked. ${introspectionSays(active)}` };
      }),
    async signOut(visit) {
      let location: string | null = null;
      await withTokens(visit, async (recorder, tokens) => {
        const { url, state } = await party.beginSignOut(recorder, tokens);
        location = url;
        return { tokens: null, signOutState: state, message: "Signed out of the demo." };
      });
      return location;
    },
    async finishSignOut(visit, state) {
      await change(visit, (before) =>
        before.signOutState === state
          ? { signOutState: null, ...info("Signed out of the demo and of the provider.") }
          : {});
    },
  };
