import type { IpAddressClass } from "../../claims/ip_address_class.ts";
import type { Method } from "../../claims/sign_in_methods.ts";
import type { Device } from "../../language/device.ts";
import { AccountLayout } from "../account_layout.tsx";
import { Button, Card, HiddenFields, Notice } from "../components.tsx";
import { fill, Filled } from "../../language/fill.tsx";
import { Badge, Item, ItemAction, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import { strings } from "../../language/languages.ts";
import { Moment } from "../../language/dates.tsx";
import { methodsText, placeText, type ShownUser } from "./words.tsx";

export interface ShownSession {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly device: Device;
  readonly place: IpAddressClass;
  readonly methods: readonly Method[];
  /** Epoch seconds, as `lastSeenAt`. */
  readonly signedInAt: number;
  readonly lastSeenAt: number;
}

export interface SessionsPageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly formToken: string;
  readonly sessions: readonly ShownSession[];
  /** The number of sessions that are not shown. */
  readonly more: number;
  readonly notice: "ended" | "othersEnded" | "unknown" | null;
}

/**
 * Lists the places where a user is signed in. Posts `session` and `form_token`; to end all others, only
 * `form_token`.
 */
export function SessionsPage(props: SessionsPageProps) {
  const { frame, user, sessions, notice } = props;
  const t = strings(frame.language).account.sessions;
  const fields = { form_token: props.formToken };
  return (
    <AccountLayout frame={frame} current="sessions" title={t.title} lead={t.lead} user={user}>
      {notice && <Notice kind={notice === "unknown" ? "error" : "info"}>{t[notice]}</Notice>}
      <ItemList label={t.title}>
        {sessions.map((session) => <SessionItem key={session.id} session={session} {...props} />)}
      </ItemList>
      {props.more > 0 && <p class="hint">{fill(t.more, { count: String(props.more) })}</p>}
      {sessions.length > 1
        ? (
          <Card id="others" title={t.endAll}>
            <p>{t.endAllLead}</p>
            <form method="post" action="/account/sessions/end-others">
              <HiddenFields fields={fields} />
              <Button id="end-other-sessions" kind="danger">{t.endAll}</Button>
            </form>
          </Card>
        )
        : <p class="hint">{t.onlyThis}</p>}
    </AccountLayout>
  );
}

function SessionItem(props: SessionsPageProps & { session: ShownSession }) {
  const { frame: { language }, user, formToken } = props;
  const { id, isCurrent, device, place, methods, signedInAt, lastSeenAt } = props.session;
  const t = strings(language).account.sessions;
  const title = deviceText(device, t);
  const how = methodsText(methods, language);
  const moment = (at: number) => <Moment at={at} language={language} timeZone={user.timeZone} />;
  const signedIn = how === null
    ? <Filled text={t.since} values={{ date: moment(signedInAt) }} />
    : <Filled text={t.sinceHow} values={{ date: moment(signedInAt), how }} />;
  return (
    <Item
      title={title}
      badge={isCurrent && <Badge kind="good">{t.current}</Badge>}
      meta={[
        placeText(place, t.place),
        signedIn,
        <Filled key="seen" text={t.lastSeen} values={{ date: moment(lastSeenAt) }} />,
      ]}
      action={!isCurrent && (
        <ItemAction
          action="/account/sessions/end"
          fields={{ form_token: formToken, session: id }}
          label={t.end}
          about={title}
        />
      )}
    />
  );
}

function deviceText(
  { browser, system }: Device,
  t: { readonly browserOn: string; readonly unknownDevice: string },
): string {
  if (browser !== null && system !== null) return fill(t.browserOn, { browser, system });
  return browser ?? system ?? t.unknownDevice;
}
