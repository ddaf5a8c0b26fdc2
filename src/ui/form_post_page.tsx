import { Button, HiddenFields, PageTitle } from "./components.tsx";
import { Filled, Name } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { strings } from "../language/languages.ts";

export interface FormPostPageProps {
  /** With the nonce of this response. Its Content-Security-Policy must have no `form-action`. */
  readonly frame: Frame & { readonly nonce: string };
  /** The validated redirect URI. */
  readonly action: string;
  /** The authorization response: `code`, `state`, `iss`, or an error. */
  readonly fields: Readonly<Record<string, string>>;
  readonly clientName: string;
}

/**
 * Sends an authorization response to a client by POST.
 *
 * @see OAuth 2.0 Form Post Response Mode section 2
 */
export function FormPostPage(props: FormPostPageProps) {
  const t = strings(props.frame.language).formPost;
  return (
    <Layout {...props.frame} title={t.title} script={submitOnce}>
      <PageTitle
        lead={<Filled text={t.lead} values={{ client: <Name>{props.clientName}</Name> }} />}
      >
        {t.title}
      </PageTitle>
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <p class="hint">{t.noScript}</p>
        <Button id="form-post-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

// Use the method of the prototype: a field called `submit` would hide the form's own method. The script
// runs while the page loads, so that the browser replaces this page in its history, and Back does not
// post again.
const submitOnce = "HTMLFormElement.prototype.submit.call(document.forms[0])";
