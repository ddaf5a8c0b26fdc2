import { AccountLayout } from "../account_layout.tsx";
import { Button, Card, CodeBlock, ErrorSummary, HiddenFields } from "../components.tsx";
import { dayText } from "../../language/dates.tsx";
import { fill } from "../../language/fill.tsx";
import type { Frame } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { QrFigure } from "../qr_figure.tsx";
import { CodeField } from "../secret_fields.tsx";
import { strings } from "../../language/languages.ts";

interface CommonProps {
  readonly frame: Frame;
  readonly user: { readonly name: string };
}

export interface EnrolAppPageProps extends CommonProps {
  readonly action: string;
  readonly formToken: string;
  /** In base32. */
  readonly secret: string;
  readonly modules: readonly (readonly boolean[])[];
  readonly error?: "missing" | "wrong";
}

/** Shows the key for an app. Posts `code`, which is a first code from the app, and `form_token`. */
export function EnrolAppPage(props: EnrolAppPageProps) {
  const { frame, user, error } = props;
  const { authenticatorApp: t, common } = strings(frame.language);
  const message = error && t[error];
  return (
    <AccountLayout frame={frame} current="security" title={t.title} lead={t.lead} user={user}>
      {message && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ message, field: "code" }]}
        />
      )}
      <Card id="app" title={t.setUp}>
        <QrFigure modules={props.modules} alt={t.qr} />
        <p class="label">{t.secret}</p>
        <CodeBlock>{props.secret.match(/.{1,4}/g)?.join(" ")}</CodeBlock>
        <p class="hint">{t.secretHint}</p>
        <form method="post" action={props.action}>
          <HiddenFields fields={{ form_token: props.formToken }} />
          <CodeField label={t.code} {...(message ? { error: message } : {})} />
          <Button id="app-submit">{t.submit}</Button>
        </form>
      </Card>
    </AccountLayout>
  );
}

/** Shows that the user has an app. @param props.createdAt epoch seconds */
export function AppSetPage(
  props: CommonProps & { readonly createdAt: number; readonly removeUrl: string },
) {
  const { frame, user } = props;
  const t = strings(frame.language).authenticatorApp;
  const date = dayText(frame.language, props.createdAt);
  return (
    <AccountLayout frame={frame} current="security" title={t.title} user={user}>
      <Card id="app" title={t.setTitle}>
        <p>{fill(t.set, { date })}</p>
        <p class="hint">{t.removeHint}</p>
        <p>
          <ButtonLink href={props.removeUrl} kind="danger">{t.remove}</ButtonLink>
        </p>
      </Card>
    </AccountLayout>
  );
}
