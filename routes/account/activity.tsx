import { listActivity } from "../../src/account/activity.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { ActivityPage } from "../../src/ui/account/activity_page.tsx";
import { type Pages, pages } from "../endpoint.ts";
import { readQuery, single } from "../http/form.ts";
import { frameOf, page } from "../http/page.tsx";
import { accountRequest } from "./http.ts";
import { shownUserOf } from "./shown_user.ts";

const path = "/account/activity";

/** The page of an account's events. */
export function accountActivityRoutes(deps: Deps): Pages {
  return pages().get(path, async (c) => {
    const request = await accountRequest(c, deps, path);
    const cursor = single(readQuery(c.req.raw), "before") ?? null;
    const { holder, events, next } = await listActivity(deps, request, cursor);
    const content = (
      <ActivityPage
        frame={frameOf(c)}
        user={shownUserOf(holder)}
        events={events}
        olderUrl={next === null ? null : `${path}?${new URLSearchParams({ before: next })}`}
        isFirst={cursor === null}
      />
    );
    return page(c, content);
  });
}
