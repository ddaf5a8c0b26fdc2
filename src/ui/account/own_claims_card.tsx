import { Button, Card, Checkbox, Field, HiddenFields } from "../components.tsx";
import { type Language, strings } from "../../language/languages.ts";

export interface OwnClaimsCardProps {
  readonly language: Language;
  readonly action: string;
  readonly formToken: string;
  readonly claims: readonly {
    readonly claim: string;
    readonly label: string;
    readonly type: "string" | "number" | "boolean" | "strings";
    readonly value: string;
  }[];
  /** The claims whose typed texts were refused. */
  readonly wrong: readonly string[];
}

/** The claims of this installation that users change themselves. Posts each as `claim.NAME`. */
export function OwnClaimsCard(props: OwnClaimsCardProps) {
  const t = strings(props.language).account.profile.own;
  return (
    <Card id="own-claims" title={t.title}>
      <form method="post" action={props.action}>
        <HiddenFields fields={{ form_token: props.formToken }} />
        {props.claims.map(({ claim, label, type, value }) =>
          type === "boolean"
            ? (
              <Checkbox
                label={label}
                name={fieldOf(claim)}
                value="true"
                checked={value === "true"}
              />
            )
            : (
              <Field
                label={label}
                name={fieldOf(claim)}
                value={value}
                autocomplete="off"
                {...(type === "strings" ? { hint: t.commas } : {})}
                {...(type === "number" ? { inputmode: "decimal" } : {})}
                {...(props.wrong.includes(claim) ? { error: t.errors[type] } : {})}
              />
            )
        )}
        <Button id="own-claims-submit" kind="secondary">{t.save}</Button>
      </form>
    </Card>
  );
}

/** The name of a claim's field. */
export function fieldOf(claim: string): string {
  return `claim.${claim}`;
}
