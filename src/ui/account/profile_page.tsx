import { type ProfileField, profileFields, type ProfileForm } from "../../claims/profile_form.ts";
import { AccountLayout } from "../account_layout.tsx";
import {
  Button,
  Card,
  ErrorSummary,
  Field,
  type FieldProps,
  HiddenFields,
  Notice,
} from "../components.tsx";
import { fill, Filled } from "../../language/fill.tsx";
import { fieldOf, OwnClaimsCard, type OwnClaimsCardProps } from "./own_claims_card.tsx";
import type { Frame } from "../layout.tsx";
import { strings } from "../../language/languages.ts";
import type { ShownUser } from "./words.tsx";

export interface ProfilePageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly formToken: string;
  readonly form: ProfileForm;
  readonly version: string;
  readonly wrong?: readonly ProfileField[];
  /** The stored values, if they differ from those that filled the form. */
  readonly savedNow?: ProfileForm;
  readonly notice?: "saved" | "emailSent" | null;
  readonly email: { readonly address: string; readonly verified: boolean } | null;
  /** The URL to which a new address is posted. */
  readonly changeEmailAction: string;
  /** A typed text that is not an address. */
  readonly wrongEmail?: string;
  /** Claims of this installation that users change themselves, and where their form posts to. */
  readonly ownClaims: Pick<OwnClaimsCardProps, "action" | "claims" | "wrong">;
  /** The form of those claims was refused. */
  readonly ownClaimsRefused?: boolean;
}

/** The claims that users change themselves. Posts them, `version` and `form_token`. */
export function ProfilePage(props: ProfilePageProps) {
  const { frame, user, wrong = [], savedNow, notice } = props;
  const { account: { profile: t }, common } = strings(frame.language);
  const errors = [
    ...wrong.map((field) => ({ field: String(field), message: t.errors[field] })),
    ...ownClaimsErrors(props),
    ...(props.wrongEmail === undefined ? [] : [{ field: "email", message: t.wrongEmail }]),
  ];
  return (
    <AccountLayout frame={frame} current="profile" title={t.title} lead={t.lead} user={user}>
      {notice && <Notice>{t[notice]}</Notice>}
      {errors.length > 0 && <ErrorSummary title={common.errorSummary} errors={errors} />}
      {savedNow && <ErrorSummary title={t.conflictTitle} errors={[{ message: t.conflict }]} />}
      <form method="post" action="/account/profile">
        <HiddenFields fields={{ form_token: props.formToken, version: props.version }} />
        <Card id="about" title={t.about}>
          {profileFields.slice(0, ownCount).map((field) => (
            <ProfileInput key={field} field={field} {...props} />
          ))}
        </Card>
        <Card id="reach" title={t.reach}>
          {profileFields.slice(ownCount).map((field) => (
            <ProfileInput key={field} field={field} {...props} />
          ))}
        </Card>
        <Button id="profile-submit">{t.save}</Button>
      </form>
      {props.ownClaims.claims.length > 0 && (
        <OwnClaimsCard
          language={frame.language}
          formToken={props.formToken}
          {...props.ownClaims}
        />
      )}
      <EmailCard {...props} />
    </AccountLayout>
  );
}

function ownClaimsErrors({ frame, ownClaims, ownClaimsRefused = false }: ProfilePageProps) {
  const { errors } = strings(frame.language).account.profile.own;
  if (!ownClaimsRefused) return [];
  const wrong = ownClaims.claims.filter(({ claim }) => ownClaims.wrong.includes(claim));
  if (wrong.length === 0) return [{ message: errors.all }];
  return wrong.map(({ claim, label, type }) => ({
    field: fieldOf(claim),
    message: `${label}: ${errors[type === "boolean" ? "string" : type]}`,
  }));
}

const ownCount = profileFields.indexOf("phone_number");

function ProfileInput(props: ProfilePageProps & { field: ProfileField }) {
  const { field, form, wrong = [], savedNow } = props;
  const t = strings(props.frame.language).account.profile;
  const hints: Partial<Record<ProfileField, string>> = t.hints;
  const hint = savedNow !== undefined && savedNow[field] !== form[field]
    ? savedNow[field] === "" ? t.savedNowNothing : fill(t.savedNow, { value: savedNow[field] })
    : hints[field];
  return (
    <Field
      label={t.names[field]}
      name={field}
      value={form[field]}
      {...looks[field]}
      {...(hint === undefined ? {} : { hint })}
      {...(wrong.includes(field) ? { error: t.errors[field] } : {})}
    />
  );
}

/** @see WCAG 2.2 success criterion 1.3.5 (autocomplete tokens) */
const looks: Readonly<
  Record<ProfileField, Pick<FieldProps, "autocomplete" | "type" | "inputmode">>
> = {
  name: { autocomplete: "name" },
  given_name: { autocomplete: "given-name" },
  family_name: { autocomplete: "family-name" },
  nickname: { autocomplete: "nickname" },
  picture: { autocomplete: "photo", inputmode: "url" },
  website: { autocomplete: "url", inputmode: "url" },
  birthdate: { autocomplete: "bday" },
  zoneinfo: { autocomplete: "off" },
  locale: { autocomplete: "language" },
  phone_number: { autocomplete: "tel", type: "tel" },
  street_address: { autocomplete: "street-address" },
  postal_code: { autocomplete: "postal-code" },
  locality: { autocomplete: "address-level2" },
  region: { autocomplete: "address-level1" },
  country: { autocomplete: "country-name" },
};

function EmailCard(props: ProfilePageProps) {
  const { frame, formToken, email, wrongEmail } = props;
  const t = strings(frame.language).account.profile;
  return (
    <Card id="email-card" title={t.emailTitle}>
      <p>
        {email === null
          ? t.noEmail
          : <Filled text={t.emailNow} values={{ email: <bdi>{email.address}</bdi> }} />}
        {email !== null && !email.verified && <>{t.emailUnverified}</>}
      </p>
      <form method="post" action={props.changeEmailAction}>
        <HiddenFields fields={{ form_token: formToken }} />
        <Field
          label={t.newEmail}
          name="email"
          type="email"
          autocomplete="email"
          hint={t.newEmailHint}
          {...(wrongEmail === undefined ? {} : { value: wrongEmail, error: t.wrongEmail })}
          required
        />
        <Button id="change-email" kind="secondary">{t.changeEmail}</Button>
      </form>
    </Card>
  );
}
