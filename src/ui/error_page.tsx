import type { OAuthErrorCode } from "../protocol/errors.ts";
import { DefinitionList, type Detail, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

export type ErrorSituation = keyof Strings["error"]["situations"];

export interface ErrorPageProps {
  readonly frame: Frame;
  readonly code: OAuthErrorCode;
  /** What a person met, where the code alone does not say it. */
  readonly situation?: ErrorSituation;
  /** The protocol's `error_description`, for whoever develops the client. */
  readonly description?: string;
  /** Finds the log line. */
  readonly reference: string;
  /** Received and registered values: in development only. */
  readonly developerDetails?: readonly { readonly name: string; readonly value: string }[];
}

/** Says what happened, whose fault it is, what to do next, and what to quote when asking for help. */
export function ErrorPage(props: ErrorPageProps) {
  const t = strings(props.frame.language);
  const situation = t.error.situations[props.situation ?? situationOf(props.code)];
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
      <DefinitionList items={quoted} />
      <ForDevelopers {...props} title={t.common.forDevelopers} />
    </Layout>
  );
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

function situationOf(code: OAuthErrorCode): ErrorSituation {
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
