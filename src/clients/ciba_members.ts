import { z } from "zod";
import { converted, orNull } from "./member.ts";

/**
 * The members about requests to users who are elsewhere, as src/clients/members.ts has the others.
 *
 * @see CIBA Core section 4
 */
export const cibaMembers = {
  backchannel_token_delivery_mode: converted(
    "backchannelTokenDeliveryMode",
    "operator",
    z.literal("poll", "must be poll").optional(),
    orNull,
  ),
};
