import { calledUrlProblem } from "../identifiers/web_url.ts";
import { checked, converted, flag, kept, orNull } from "./member.ts";

/**
 * The members about how a client is told that a session has ended, as src/clients/members.ts has the
 * others.
 *
 * @see OpenID Connect Back-Channel Logout section 2.2, OpenID Connect Front-Channel Logout section 2
 */
export const logoutMembers = {
  backchannel_logout_uri: converted(
    "backchannelLogoutUri",
    "anyone",
    checked(calledUrlProblem).optional(),
    orNull,
  ),
  backchannel_logout_session_required: kept(
    "backchannelLogoutSessionRequired",
    "anyone",
    flag(false), // `sid` is in every logout token anyway
  ),
  frontchannel_logout_uri: converted(
    "frontchannelLogoutUri",
    "anyone",
    checked(calledUrlProblem).optional(),
    orNull,
  ),
  frontchannel_logout_session_required: kept(
    "frontchannelLogoutSessionRequired",
    "anyone",
    flag(false), // `iss` and `sid` are sent anyway
  ),
};
