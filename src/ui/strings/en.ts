/**
 * Every text of the pages, in English. A `{name}` is a place where a page puts a value; a
 * translation keeps the same places in its own order.
 */
export const en = {
  layout: {
    skip: "Skip to the content",
    tagline: "Sign-in by Latchkey",
    languageName: "English",
    languages: "Language",
  },
  common: {
    errorSummary: "There is a problem",
    reference: "Reference",
    errorCode: "Error code",
    forDevelopers: "For developers",
    opensClient: "Back to {client}",
    or: "or",
    cancel: "Cancel",
  },
  accountNav: {
    label: "Account of {name}",
    documentTitle: "Your account",
    signOut: "Sign out",
    sections: {
      overview: "Overview",
      profile: "Profile",
      security: "Security",
      sessions: "Sessions",
      apps: "Apps",
      activity: "Activity",
      data: "Your data",
    },
  },
  login: {
    title: "Sign in",
    documentTitle: "Sign in to {client}",
    lead: "to go on to {client}",
    username: "Username",
    password: "Password",
    submit: "Sign in",
    continueAs: "Continue as {name}",
    anotherAccount: "Use another account",
    forgotten: "Forgotten your password?",
    reauthenticateTitle: "Confirm it is you",
    reauthenticateLead: "{client} asks for your password again before you go on.",
    errors: {
      wrong_credentials: "That username and password do not match. Check both and try again.",
      missing_username: "Enter your username.",
      missing_password: "Enter your password.",
      too_many_attempts: "Too many attempts. Wait a few minutes, then try again.",
      form_expired: "This page was open for too long. Please sign in again.",
    },
  },
  consent: {
    title: "Allow {client}?",
    documentTitle: "Allow {client} to use your account?",
    signedInAs: "Signed in as {name}",
    asks: "{client} wants to:",
    destination: "Whatever you choose, you go back to",
    allow: "Allow",
    deny: "Do not allow",
    policy: "Privacy policy",
    terms: "Terms of service",
    website: "Website",
    aboutClient: "About {client}",
    resourceTitle: "Use {scope} at {resource}",
    scopes: {
      openid: { title: "Know who you are", detail: "An identifier that stays the same each time." },
      profile: { title: "See your profile", detail: "Your name, picture, language and the like." },
      email: {
        title: "See your email address",
        detail: "The address itself, and whether you confirmed it.",
      },
      address: { title: "See your postal address", detail: "The address you have on file here." },
      phone: {
        title: "See your phone number",
        detail: "The number itself, and whether you confirmed it.",
      },
      offline_access: {
        title: "Stay connected when you are not using it",
        detail: "It keeps this access until you withdraw it.",
      },
    },
  },
  logout: {
    title: "Sign out?",
    confirm: "Sign out",
    signedInAs: "You are signed in here as {name}.",
    askedBy: "{client} asks to sign you out.",
    explain:
      "This ends your session in this browser. Apps you opened with it may ask you to sign " +
      "in again.",
    stay: "To stay signed in, close this page.",
    doneTitle: "You are signed out",
    done: "Your session in this browser has ended. On a shared computer, close the browser too.",
  },
  formPost: {
    title: "One moment",
    lead: "Taking you back to {client}.",
    noScript: "If nothing happens, press the button.",
    submit: "Continue",
  },
  error: {
    whatNext: "What you can do",
    situations: {
      bad_request: {
        title: "This app sent a request we cannot accept",
        what:
          "The app that brought you here asked for something that is incomplete or not allowed.",
        fault: "You did nothing wrong.",
        next:
          "Go back to the app and try again. If that does not help, tell the people who run it " +
          "the error code and the reference below.",
      },
      unknown_client: {
        title: "We do not know this app",
        what: "The app that brought you here is not registered, or no longer is.",
        fault: "You did nothing wrong.",
        next: "Check that you came from an app you trust. If you did, tell the people who run it.",
      },
      redirect_uri_mismatch: {
        title: "This app gave an address we do not trust",
        what: "The app asked us to send you to an address that is not registered for it, so we " +
          "stopped here.",
        fault: "You did nothing wrong, and nothing was shared.",
        next: "Close this page. If you trust the app, tell the people who run it.",
      },
      interaction_finished: {
        title: "This sign-in is already finished",
        what: "It was completed before, perhaps in another tab, and each one works once.",
        fault: "This happens after a reload or the back button; nothing is broken.",
        next: "Go back to the app. If it does not know you yet, sign in again from there.",
      },
      other_browser: {
        title: "This sign-in cannot go on here",
        what: "It was open for too long, began in another browser, or its address is incomplete.",
        fault: "If you followed a link that somebody sent you, you were right to be stopped.",
        next: "Go back to the app and sign in from this browser, with cookies allowed.",
      },
      form_refused: {
        title: "We could not accept this form",
        what: "It did not come from our own page, or that page was out of date.",
        fault: "This can happen when a page was open for a long time.",
        next: "Go back to the app and begin again.",
      },
      access_denied: {
        title: "Access was not allowed",
        what: "This request was turned down, so the app gets nothing from your account.",
        fault: "Nothing is broken.",
        next: "Go back to the app if you want to try again.",
      },
      logout_refused: {
        title: "We could not sign you out this way",
        what: "The app's request to sign you out is incomplete or not allowed.",
        fault: "You did nothing wrong. You may still be signed in.",
        next: "Open the sign-out page of this site itself to end your session.",
      },
      setup_link_dead: {
        title: "This setup link does not work",
        what: "It was used already, is older than a day, or is not complete.",
        fault: "If you have just used it, nothing is wrong: your account is made.",
        next: "Then sign in from an application. Otherwise restart the server and look in its " +
          "log: as long as nobody has an account, a link that works stands there.",
      },
      reset_link_dead: {
        title: "This link does not work",
        what: "It was used already, is older than an hour, or a later one took its place.",
        fault: "If you have just chosen a new password with it, nothing is wrong: it is set.",
        next: "Then sign in from the app. Otherwise ask for a new link on the page that sent you " +
          "this one.",
      },
      sign_in_link_dead: {
        title: "This sign-in link does not work",
        what: "It was used already, is older than 15 minutes, or a later one took its place.",
        fault: "You did nothing wrong, and nobody was signed in with it now.",
        next: "Go back to the app, begin to sign in again, and ask for a new link.",
      },
      sign_in_link_other_browser: {
        title: "This link belongs to another browser",
        what: "It signs you in only in the browser in which you asked for it.",
        fault:
          "You did nothing wrong: mail apps often open links in a browser of their own. If you " +
          "did not ask for a link, somebody else may have typed your address.",
        next: "Open the link in the browser in which you began, or ask for a new one there.",
      },
      invitation_dead: {
        title: "This invitation does not work",
        what: "It was used already, has run out, was withdrawn, or its address is incomplete.",
        fault: "If you have just made your account with it, nothing is wrong: it is made.",
        next: "Then sign in from the app. Otherwise ask whoever invited you for a new invitation.",
      },
      sign_up_closed: {
        title: "You cannot make an account here yourself",
        what: "This server takes no sign-ups: its operators decide who gets an account.",
        fault: "You did nothing wrong.",
        next: "If you have an account, go back to the app and sign in. Otherwise ask the people " +
          "who run this site for an invitation.",
      },
      address_link_dead: {
        title: "This link to confirm an address does not work",
        what: "It was used already, has run out, or a later one took its place.",
        fault:
          "If you have just confirmed your address with it, nothing is wrong: it is confirmed.",
        next: "Look into your account. If the new address is not there, enter it once more, and " +
          "you get a new link.",
      },
      passkey_copied: {
        title: "We stopped this sign-in to protect you",
        what: "This passkey counted backwards, as it does when somebody has copied it.",
        fault: "You may have done nothing wrong, but we cannot tell you and a copy apart.",
        next: "Sign in another way, remove this passkey in your account, and add a new one. If " +
          "you have no other way in, ask the people who run this site.",
      },
      step_up_impossible: {
        title: "This app asks for a stronger sign-in",
        what: "It wants more proof that it is you than your account is set up to give.",
        fault: "You did nothing wrong, and you are still signed in.",
        next:
          "Add a passkey or an authenticator app under Security in your account, then go back " +
          "to the app and try again.",
      },
      account_deleted: {
        title: "This account is deleted",
        what: "The account that was used here no longer exists, and its data is gone.",
        fault:
          "Nothing is broken. If it was not you who deleted it, tell the people who run this " +
          "site at once.",
        next: "There is nothing left to sign in to. You can close this page.",
      },
      not_found: {
        title: "There is nothing here",
        what: "This address does not lead to a page.",
        fault: "The link may be old or mistyped.",
        next: "Check the address, or go back to the app you came from.",
      },
      too_many_requests: {
        title: "Too many attempts",
        what: "There were more attempts than we allow in a short time.",
        fault: "It may not have been you: a limit protects accounts from guessing.",
        next: "Wait a few minutes, then try again.",
      },
      unavailable: {
        title: "We cannot answer right now",
        what: "A part of this service is not reachable at the moment.",
        fault: "You did nothing wrong, and nothing you did is lost.",
        next: "Wait a moment, then reload this page.",
      },
      internal: {
        title: "Something went wrong on our side",
        what: "An error that we did not expect stopped this page.",
        fault: "You did nothing wrong.",
        next:
          "Try again. If it happens again, tell the people who run this site the reference below.",
      },
    },
  },
  home: {
    title: "This is {brand}",
    lead: "An OpenID Provider. Apps send people here to sign in; they go back with an answer the " +
      "app can check. There is nothing else to do on this page.",
    issuer: "Issuer",
    discovery: "Discovery document",
    tryTitle: "Try it",
    tryLead: "The demo is a small app that signs in through the same endpoints as any other, and " +
      "shows each request on the way.",
    tryLink: "Open the demo app",
    mailLink: "Mail that would have been sent",
    peopleTitle: "People to sign in as",
    peopleLead: "Made for development when this server started.",
    setupTitle: "Not set up yet",
    setupLead:
      "Nobody administers this server yet. Look in the server's log for a one-time setup " +
      "link, and open it to make the first administrator.",
  },
  setup: {
    title: "Make the first administrator",
    lead: "Nobody has an account on this server yet. This page makes the first one, once.",
    username: "Username",
    name: "Your name",
    email: "Email (optional)",
    password: "Password",
    passwordHint: "8 to 128 characters. A few words that only you put together are a good one.",
    passwordRepeat: "Password, once more",
    submit: "Make the account",
    errors: {
      username: "Enter a username, of at most 256 characters.",
      name: "Enter your name, in at most 256 characters.",
      email: "Enter an email address such as name@example.com, or none.",
      password: "Enter a password of 8 to 128 characters.",
      password_repeat: "Enter the same password both times.",
    },
    doneTitle: "The account is made",
    done: "You administer this server now, and the setup link works no more. Sign in from an " +
      "application that uses this server.",
  },
  passwordReset: {
    title: "Choose a new password",
    lead: "We send you a link. It goes to the address that is confirmed for your account.",
    username: "Username or email",
    submit: "Send the link",
    missing: "Enter your username or email.",
    sentTitle: "Look into your mail",
    sent: "If there is an account for what you entered, a mail with a link is on its way to it.",
    sentHint:
      "The link is good for one hour. If no mail comes, look among the unwanted ones, and " +
      "check what you entered.",
  },
  newPassword: {
    title: "Choose a new password",
    lead: "You are signed out everywhere when it is set.",
    username: "Username",
    password: "New password",
    passwordHint: "8 to 128 characters. A few words that only you put together are a good one.",
    passwordRepeat: "New password, once more",
    submit: "Set the password",
    errors: {
      password: "Enter a password of 8 to 128 characters.",
      password_repeat: "Enter the same password both times.",
    },
    doneTitle: "Your password is set",
    done: "You are signed out on every device. Go back to the app and sign in with the new " +
      "password.",
  },
  sessionToken: {
    title: "One moment",
    explain: "{client} opened this window to ask whether you are signed in here. It tells the " +
      "page at {origin} who you are, once; nothing else is shared.",
    close: "If this window stays open, you can close it.",
    login_required: "You are not signed in here, and that is what the page was told.",
    consent_required: "You have not allowed this app to know who you are, so the page was told " +
      "nothing about you.",
  },
  mail: {
    signature: "Sent by {host}",
    signatureBranded: "Sent by {brand}, {host}",
    passwordReset: {
      subject: "Choose a new password at {host}",
      asked: "Somebody, perhaps you, asked for a new password for the account {username} at " +
        "{host}.",
      link: "Choose a new password",
      once: "The link works once, within one hour.",
      notYou: "If it was not you, do nothing: without this link nobody can change your password.",
    },
    passwordChanged: {
      subject: "Your password at {host} was changed",
      changed: "The password of the account {username} at {host} was changed just now.",
      ended: "All devices and apps were signed out.",
      notYou: "If it was not you, somebody may read your mail. Secure your mailbox first, then " +
        "choose another password:",
      link: "Choose another password",
    },
  },
  devMail: {
    title: "Mail",
    lead: "What this server has sent since it started. In development no mail leaves it.",
    none: "No mail yet.",
    asHtml: "As HTML",
  },
  demo: {
    title: "Demo app",
    lead: "A relying party for development. It uses this server as any app would: discovery, the " +
      "code flow with PKCE, and the public endpoints.",
    signedOutTitle: "Nobody is signed in",
    signedOutLead:
      "The button begins a real sign-in, with a fresh state, nonce and PKCE challenge.",
    signIn: "Sign in with Latchkey",
    signedInAs: "Signed in as {name}",
    refresh: "Refresh",
    introspect: "Introspect",
    revoke: "Revoke",
    signOut: "Sign out",
    actions: "Actions",
    idToken: "ID token",
    header: "Header",
    payload: "Payload",
    encoded: "As received",
    accessToken: "Access token",
    refreshToken: "Refresh token",
    userinfo: "Userinfo",
    exchangesTitle: "What went over the wire",
    exchangesLead: "The newest step is the last one.",
    request: "Request",
    response: "Response",
    noResponse: "The browser carried this step.",
    none: "none",
    steps: {
      discovery: "Discovery",
      authorization: "Authorization request",
      callback: "Authorization response",
      token: "Code exchange",
      userinfo: "Userinfo",
      refresh: "Refresh",
      introspection: "Introspection",
      revocation: "Revocation",
      logout: "Sign-out",
    },
  },
};

/** The shape that every language fills; a missing text fails the type check. */
export type Strings = typeof en;
