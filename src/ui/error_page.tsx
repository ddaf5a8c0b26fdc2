import { DefinitionList, type Detail, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { type WayOn, WaysOn } from "./ways_on.tsx";
import { type Language, strings } from "../language/languages.ts";
import type { Strings } from "../language/strings/en.ts";

export type ErrorSituation = keyof Strings["error"]["situations"];

export interface ErrorPageProps {
  readonly frame: Frame;
  /** The error code of the protocol. */
  readonly code: string;
  /** The situation of the user, if the code alone does not say it. */
  readonly situation?: ErrorSituation;
  /** The protocol's `error_description`, for the client's developer. */
  readonly description?: string;
  /** The request id, to find the line in the log. */
  readonly reference: string;
  /** Links that lead on, the likeliest first. */
  readonly ways?: readonly WayOn[];
  /** Received and registered values, only in development. */
  readonly developerDetails?: readonly { readonly name: string; readonly value: string }[];
}

/** Says what happened, who can fix it, what to do next, and what to quote in a question to support. */
export function ErrorPage(props: ErrorPageProps) {
  const t = strings(props.frame.language);
  const name = props.situation ?? errorSituationOf(props.code);
  const situation = t.error.situations[name];
  const quoted: Detail[] = [
    { name: t.common.errorCode, value: <code>{props.code}</code> },
    { name: t.common.reference, value: <code>{props.reference}</code> },
  ];
  return (
    <Layout {...props.frame} title={situation.title}>
      <PageTitle>{situation.title}</PageTitle>
      <p>{situation.what} {situation.fault}</p>
      <h2>{t.error.whatNext}</h2>
      <p>{situation.next}</p>
      <WaysOn ways={props.ways ?? waysOn(props.frame.language, name)} />
      <DefinitionList items={quoted} />
      <ForDevelopers {...props} title={t.common.forDevelopers} />
    </Layout>
  );
}

/** The links of each situation, besides the link back to the application. */
export function waysOn(language: Language, situation: ErrorSituation): readonly WayOn[] {
  const { error: { ways }, home } = strings(language);
  const account = { label: home.accountLink, href: "/account" };
  const start = { label: ways.start, href: "/" };
  switch (situation) {
    case "account_deleted":
      return [start];
    case "device_code_dead":
      return [{ label: ways.newCode, href: "/device" }, account];
    case "step_up_impossible":
      return [{ label: ways.security, href: "/account/security" }];
    case "reset_link_dead":
      return [{ label: ways.newLink, href: "/password-reset" }, account];
    case "sign_up_link_dead":
      return [{ label: ways.newLink, href: "/sign-up" }, account];
    case "logout_refused":
      return [{ label: ways.signOut, href: "/logout" }, account];
    case "not_found":
    case "setup_link_dead":
      return [account, start];
    default:
      return [account];
  }
}

function ForDevelopers(props: ErrorPageProps & { title: string }) {
  const details = props.developerDetails ?? [];
  if (props.description === undefined && details.length === 0) return null;
  return (
    <section class="developers" aria-labelledby="developers">
      <h2 class="label" id="developers">{props.title}</h2>
      {props.description && <p lang="en">{props.description}</p>}
      {details.length > 0 && (
        <DefinitionList
          items={details.map(({ name, value }) => ({ name, value: <code>{value}</code> }))}
        />
      )}
    </section>
  );
}

export function isErrorSituation(name: string): name is ErrorSituation {
  return Object.hasOwn(strings("en").error.situations, name);
}

/** The situation of an error code, if nothing more is known. */
export function errorSituationOf(code: string): ErrorSituation {
  switch (code) {
    case "server_error":
      return "internal";
    case "temporarily_unavailable":
      return "unavailable";
    case "access_denied":
      return "access_denied";
    default:
      return "bad_request";
  }
}
