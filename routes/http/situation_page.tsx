import { noteRefusal } from "../../src/protocol/refusals.ts";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ErrorPage, type ErrorSituation } from "../../src/ui/error_page.tsx";
import type { AppEnv } from "./context.ts";
import { frameOf, page } from "./page.tsx";

/** Answers with what a person met where no error of the protocol says it: a dead link, no such page. */
export function situationPage(
  c: Context<AppEnv>,
  situation: ErrorSituation,
  status: ContentfulStatusCode,
) {
  const { requestId } = c.get("origin");
  noteRefusal("invalid_request", situation);
  const content = (
    <ErrorPage
      frame={frameOf(c)}
      code="invalid_request"
      situation={situation}
      reference={requestId}
    />
  );
  return page(c, content, { status });
}
