import type { Activity } from "../../account/activity.ts";
import { ipAddressClass } from "../../claims/ip_address_class.ts";
import { methodsOf } from "../../claims/sign_in_methods.ts";
import { AccountLayout } from "../account_layout.tsx";
import { TextLink } from "../components.tsx";
import { fill } from "../../language/fill.tsx";
import { EmptyState, Item, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { type Language, strings } from "../../language/languages.ts";
import { Moment } from "../../language/dates.tsx";
import { methodsText, placeText, type ShownUser } from "./words.tsx";

export interface ActivityPageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly events: readonly Activity[];
  readonly olderUrl: string | null;
  readonly isFirst: boolean;
}

/** Lists what has happened in an account. */
export function ActivityPage(props: ActivityPageProps) {
  const { frame, user, events } = props;
  const t = strings(frame.language).account.activity;
  return (
    <AccountLayout frame={frame} current="activity" title={t.title} lead={t.lead} user={user}>
      <ActivityList {...props} label={t.title} />
      {events.length === 0 && <EmptyState>{t.none}</EmptyState>}
      {props.olderUrl && <ButtonLink href={props.olderUrl} id="older">{t.older}</ButtonLink>}
      {!props.isFirst && (
        <p>
          <TextLink label={t.newest} href="/account/activity" />
        </p>
      )}
    </AccountLayout>
  );
}

/** Events, the newest first. */
export function ActivityList(props: {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly events: readonly Activity[];
  readonly label?: string;
  readonly labelledBy?: string;
}) {
  const { frame: { language }, user, events, label, labelledBy } = props;
  const { activity: t, sessions } = strings(language).account;
  if (events.length === 0) return null;
  return (
    <ItemList {...(label ? { label } : {})} {...(labelledBy ? { labelledBy } : {})}>
      {events.map((event, n) => (
        <Item
          key={n}
          title={activityText(event, language)}
          meta={[
            <Moment key="at" at={event.at} language={language} timeZone={user.timeZone} />,
            event.address !== null && placeText(ipAddressClass(event.address), sessions.place),
            event.bySomebodyElse && t.byAdministrator,
          ].filter((line) => line !== false)}
        />
      ))}
    </ItemList>
  );
}

/** An event in words. */
function activityText(event: Activity, language: Language): string {
  const { events, other } = strings(language).account.activity;
  const { type, reason } = event;
  const how = methodsText(methodsOf((reason ?? "").split(" ")), language);
  const texts: Record<string, string> = events;
  const name = type === "signed_in" && how !== null
    ? "signed_in_how"
    : type === "session_ended" && reason === "signed_out"
    ? "signed_out"
    : type === "grant_ended" && (reason === "code_replayed" || reason === "reuse_detected")
    ? "grant_ended_stolen"
    : type;
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text === undefined) return fill(other, { type });
  return fill(text, { client: event.clientName ?? "", how: how ?? "" });
}
