import { Button, HiddenFields, PageTitle } from "../components.tsx";
import { Filled, Name } from "../../language/fill.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { strings } from "../../language/languages.ts";

export interface AddressConfirmPageProps {
  readonly frame: Frame;
  readonly token: string;
  readonly formToken: string;
  readonly address: string;
  readonly username: string;
}

/** Asks whether a verified address becomes the user's address. Posts `token` and `form_token`. */
export function AddressConfirmPage(props: AddressConfirmPageProps) {
  const t = strings(props.frame.language).addressConfirm;
  const values = {
    address: <Name>{props.address}</Name>,
    username: <Name>{props.username}</Name>,
  };
  return (
    <Layout {...props.frame} title={t.title}>
      <PageTitle lead={<Filled text={t.explain} values={values} />}>{t.title}</PageTitle>
      <form method="post" action="/account/email/confirm">
        <HiddenFields fields={{ token: props.token, form_token: props.formToken }} />
        <Button id="address-confirm">{t.submit}</Button>
      </form>
      <p class="hint">{t.notYou}</p>
    </Layout>
  );
}

/** Shows the result. */
export function AddressOutcomePage(
  { frame, address, isTaken }: {
    readonly frame: Frame;
    readonly address: string;
    readonly isTaken: boolean;
  },
) {
  const t = strings(frame.language).addressConfirm;
  const title = isTaken ? t.takenTitle : t.doneTitle;
  return (
    <Layout {...frame} title={title}>
      <PageTitle>{title}</PageTitle>
      <p>
        {isTaken ? t.taken : <Filled text={t.done} values={{ address: <Name>{address}</Name> }} />}
      </p>
      <ButtonLink href="/account">{t.toAccount}</ButtonLink>
    </Layout>
  );
}
