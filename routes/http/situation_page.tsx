import { noteRefusal } from "../../src/protocol/refusals.ts";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ErrorPage, type ErrorSituation } from "../../src/ui/error_page.tsx";
import type { AppEnv } from "./context.ts";
import { frameOf, page } from "./page.tsx";

/**
 * Answers with a situation for which the protocol has no error, such as a dead link or an unknown page.
 */
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
