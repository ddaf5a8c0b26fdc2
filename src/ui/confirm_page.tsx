import type { Child } from "hono/jsx";
import { Button, HiddenFields, PageTitle } from "./components.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { ButtonLink } from "./other_ways.tsx";
import { strings } from "../language/languages.ts";

export interface ConfirmPageProps {
  readonly frame: Frame;
  /** The question: "Remove this passkey?" */
  readonly title: string;
  readonly lead?: Child;
  /** The consequences, in paragraphs or a list. */
  readonly children?: Child;
  /** The URL to which the form is posted. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Fields of the form, such as a password or a word to type. */
  readonly inputs?: Child;
  /** The text of the button says what it does: "Remove the passkey", never "OK". */
  readonly confirm: string;
  readonly confirmId: string;
  /** Only for an action that cannot be undone. */
  readonly danger?: boolean;
  /** The link for users who do not want to continue. */
  readonly cancelUrl: string;
}

/** Asks before an action that is hard to undo. */
export function ConfirmPage(props: ConfirmPageProps) {
  const t = strings(props.frame.language).common;
  return (
    <Layout {...props.frame} title={props.title}>
      <PageTitle lead={props.lead}>{props.title}</PageTitle>
      {props.children}
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        {props.inputs}
        <div class="choice">
          <Button id={props.confirmId} kind={props.danger ? "danger" : "primary"}>
            {props.confirm}
          </Button>
          <ButtonLink href={props.cancelUrl}>{t.cancel}</ButtonLink>
        </div>
      </form>
    </Layout>
  );
}
