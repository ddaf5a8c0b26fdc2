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
    formRefused: {
      outdated: "This page was out of date, so nothing was sent. Please fill in the form again.",
      interrupted:
        "You had to sign in again first, so what you sent was not accepted. If it is not " +
        "done yet, please send it once more.",
    },
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
      applications: "Apps",
      activity: "Activity",
      data: "Your data",
    },
  },
  login: {
    title: "Sign in",
    documentTitle: "Sign in to {client}",
    lead: "to continue to {client}",
    ownLead: "to continue to your account",
    username: "Username or email",
    password: "Password",
    submit: "Sign in",
    continueAs: "Continue as {name}",
    anotherAccount: "Use another account",
    help: "Trouble signing in?",
    forgotten: "Forgotten your password?",
    byMail: "Sign in by mail",
    createAccount: "Create an account",
    reauthenticateTitle: "Confirm it is you",
    reauthenticateLead: "{client} asks for your password again before you continue.",
    ownReauthenticateLead:
      "You are about to see or change something sensitive, and you signed in a while ago.",
    errors: {
      wrong_credentials: "That username and password do not match. Check both and try again.",
      missing_username: "Enter your username or your email address.",
      missing_password: "Enter your password.",
      too_many_attempts: "Too many attempts. Wait a few minutes, then try again.",
      account_changed: "Another user has signed in or out here in the meantime. Nothing " +
        "was done: choose again.",
    },
  },
  passkeys: {
    signIn: "Sign in with a passkey",
    unsupported:
      "Passkeys need JavaScript and a browser that knows them. This one does not offer " +
      "both.",
    step: {
      title: "Use your passkey",
      lead: "{client} asks for a stronger proof that it is you.",
      ownLead: "The page that you opened asks for a stronger proof that it is you.",
      signedInAs: "You are signed in as {name}.",
      button: "Use my passkey",
      recoveryCode: "Use a recovery code instead",
      elsewhere:
        "Is it on another device, or on a security key? Your browser offers to look there.",
      lost:
        "Is it lost? Remove it from your account and add another one. Then go back to the app " +
        "and sign in from there again.",
      manage: "Passkeys of your account",
    },
    failures: {
      waiting: "Your browser is asking for your passkey.",
      cancelled: "No passkey was used. You may have cancelled, or there is none for this site on " +
        "this device. Try again, or choose another way.",
      timeout: "That took too long, so your browser gave up. Please try again.",
      known: "This device already has a passkey for your account.",
      insecure: "Passkeys do not work at this address. Open the site at its usual address, and " +
        "try again there.",
      unsupported: "This device cannot keep such a passkey. Try another device or a security key.",
      interrupted:
        "Another page or program asked for a passkey at the same time. Please try again.",
      offline: "We could not reach the server. Check your connection, then try again.",
      stale: "This page is out of date. Reload it, then try again.",
      busy: "Too many attempts. Wait a minute, then try again.",
      other: "That did not work, and your browser does not say why. Try again, or choose another " +
        "way.",
    },
    // The same, where a page has no other way, or makes a passkey.
    failuresAt: {
      step: {
        cancelled:
          "No passkey was used. You may have cancelled, or there is none for this site on " +
          "this device. Try again, or see below what you can do without it.",
        other:
          "That did not work, and your browser does not say why. Try again, or see below what " +
          "you can do without it.",
      },
      registration: {
        waiting: "Your browser asks where to keep the passkey.",
        cancelled:
          "No passkey was created. You may have cancelled, or this device cannot keep one. " +
          "Try again, or choose another place for it, such as your phone.",
        other:
          "That did not work, and your browser does not say why. Try again, or choose another " +
          "place for the passkey, such as your phone.",
      },
    },
    refused: {
      passkey_refused: "That passkey was not accepted. Use another one, or sign in another way.",
      passkey_expired:
        "That took too long, or was already sent. Please use your passkey once more.",
      passkey_unverified: "Your passkey must check that it is you, by a fingerprint, your face " +
        "or a PIN. Set that up on your device, or use another passkey.",
    },
    refusedAtStep: "That passkey was not accepted. Use another one, or see below what you can do " +
      "without it.",
    account: {
      title: "Passkeys",
      lead:
        "With a passkey you sign in the way you unlock your device. There is nothing to remember, " +
        "and nothing that a fake page could steal.",
      none: "You have no passkey yet.",
      listTitle: "Your passkeys",
      addTitle: "Add a passkey",
      addHint:
        "Your browser asks where to keep it: on this device, in a password manager, or on a " +
        "security key.",
      add: "Add a passkey",
      full: "You have 20 passkeys, which is the limit. Remove one that you no longer use.",
      added: "Added on {date}",
      lastUsed: "Last used on {date}",
      neverUsed: "Not used yet",
      synced: "Synced",
      oneDevice: "On one device",
      copied: "Possibly copied",
      copiedHint:
        "It was refused on {date} because its counter went backwards. Add another passkey, then " +
        "remove this one.",
      change: "Change",
      recoveryHint:
        "With recovery codes you can sign in when you do not have your passkeys with you.",
      recoveryLink: "Create recovery codes",
      factsTitle: "Details",
      renameTitle: "Rename it",
      name: "Name",
      nameHint: "1 to 64 characters. The place where it is kept is a good name.",
      save: "Save the name",
      removeTitle: "Remove it",
      removeHint: "Nobody can sign in with it any more. It stays on its device until you delete " +
        "it there.",
      signOut: "Also sign me out everywhere else",
      signOutHint:
        "Devices that are signed in stay signed in without the passkey. Tick this if the device with it is " +
        "lost. Apps with lasting access keep it. You can withdraw it under Apps.",
      remove: "Remove the passkey",
      notices: {
        removed: "The passkey is removed.",
        signed_out: "The passkey is removed, and you are signed out everywhere else.",
      },
      lastWayIn: "Without it you could no longer sign in. Add another passkey or a password " +
        "first, then you can remove it.",
      back: "All passkeys",
      errors: {
        name: "Enter a name of 1 to 64 characters.",
        expired: "That took too long, or was sent before. Please add the passkey once more.",
        invalid:
          "We could not use the data from your device. Please try again, perhaps with another " +
          "one.",
        known: "This passkey is already registered.",
        full: "You have 20 passkeys, which is the limit. Remove one first.",
        last_way_in: "This is your only way to sign in, so it was not removed.",
      },
    },
  },
  consent: {
    title: "Allow {client}?",
    documentTitle: "Allow {client} to use your account?",
    signedInAs: "Signed in as {name}",
    asks: "{client} wants to:",
    documentHost: "No administrator registered this app. It belongs to",
    selfRegistered: "No administrator registered this app, or checked its name.",
    loopbackOnly:
      "It runs on your own device, where another program could pass itself off as it. Go on only if you have just started it yourself.",
    destination: "Whatever you choose, you return to",
    allow: "Allow",
    deny: "Do not allow",
    policy: "Privacy policy",
    terms: "Terms of service",
    website: "Website",
    aboutClient: "About {client}",
    customClaims: "See what else is in your profile here",
    also: "Also:",
    resourceTitle: "Use {scope} at {resource}",
    detailAt: "At {resource}",
    truth: { true: "Yes", false: "No" },
    scopes: {
      openid: { title: "Know who you are", detail: "An identifier that stays the same each time." },
      profile: {
        title: "See your profile",
        detail: "Your name, picture, language and similar data.",
      },
      email: {
        title: "See your email address",
        detail: "The address itself, and whether you confirmed it.",
      },
      address: { title: "See your postal address", detail: "The address in your account." },
      phone: {
        title: "See your phone number",
        detail: "The number itself, and whether you confirmed it.",
      },
      groups: {
        title: "See which groups you are in",
        detail: "Their names, as your organization set them.",
      },
      device_sso: {
        title: "Sign you in to its other apps on this device",
        detail: "Until you sign out. You need not enter your password there.",
      },
      offline_access: {
        title: "Stay connected when you are not using it",
        detail: "It keeps this access until you withdraw it.",
      },
    },
  },
  noAccess: {
    title: "You may not use {client}",
    documentTitle: "You may not use {client}",
    signedInAs: "Signed in as {name}",
    why: {
      group:
        "Only members of certain groups may use {client}, and your account is in none of them. If " +
        "you need it, ask the people who manage your account.",
      sign_in:
        "{client} asks for another account, or for a way to sign in that your account does " +
        "not have, such as a passkey.",
    },
    back: "Back to {client}",
  },
  device: {
    title: "Connect a device",
    lead: "Type the code that your device shows.",
    compare: "Does your device show this code? If it does not, go no further.",
    code: "Code",
    codeHint: "Eight letters, such as WDJB-MJHT.",
    submit: "Continue",
    errors: {
      missing: "Type the eight letters that your device shows.",
      wrong:
        "No device waits with this code. Compare it with your device. If it is right, it has " +
        "expired: start again at the device.",
      too_many_attempts: "Too many wrong codes. Wait a few minutes, then try again.",
    },
    confirmTitle: "Connect {client} to your account?",
    sameCode: "Your device must show this code:",
    warning:
      "Only continue if you started this on your own device. If somebody has sent you the code " +
      "or a link, they want to get into your account.",
    allow: "Allow",
    deny: "Do not allow",
    allowed: {
      title: "Your device is connected",
      lead: "{client} goes on at your device in a few seconds. You can close this page.",
    },
    denied: {
      title: "Your device was not connected",
      lead: "{client} gets nothing of your account. You can close this page.",
    },
    applications: "Apps in your account",
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
    apps: "Apps you opened with this session",
    told: "{client} was told.",
    asked: "{client} is being told by your browser.",
    waiting: "{client} has not answered yet. It will be told again.",
    failed: "{client} could not be told. Sign out there too.",
    goingBack: "Taking you back to {client}.",
    goBack: "Continue",
    unchecked: "No administrator has checked the app that sent you here. It leads on to",
  },
  pressedTwice: {
    title: "Already done",
    lead: "You pressed the button twice. The first time it was done.",
    next: "Continue",
  },
  formPost: {
    title: "One moment",
    lead: "Taking you back to {client}.",
    noScript: "If nothing happens, press the button.",
    submit: "Continue",
  },
  error: {
    whatNext: "What you can do",
    ways: {
      signIn: "Sign in",
      again: "Try again",
      start: "Start page",
      security: "Security in your account",
      newLink: "Get a new link",
      newCode: "Type another code",
      ownAddress: "Open {address}",
      signOut: "Sign out",
    },
    situations: {
      bad_request: {
        title: "This app sent a request we cannot accept",
        what: "The request of the app that brought you here is incomplete or not allowed.",
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
        title: "This sign-in cannot continue here",
        what:
          "It was open for too long, was started in another browser, or its address is incomplete.",
        fault: "If you followed a link that somebody sent you, you were right to be stopped.",
        next: "Go back to the app and sign in from this browser, with cookies allowed.",
      },
      opened_ahead: {
        title: "Reload this page",
        what: "Your browser opened this page before you asked for it, so we have done nothing yet.",
        fault: "You did nothing wrong.",
        next: "Reload the page to continue.",
      },
      form_refused: {
        title: "We could not accept this form",
        what: "It did not come from our own page, or that page was out of date.",
        fault: "This can happen when a page was open for a long time.",
        next: "Go back to the app and start again.",
      },
      no_cookies: {
        title: "Your browser sent no cookie",
        what:
          "These pages know by a cookie that a form comes from the browser that opened it. This " +
          "one came without a cookie, so we have done nothing with it.",
        fault: "Cookies may be blocked, or were deleted while the page was open.",
        next: "Allow cookies for this site in your browser, then try again.",
      },
      other_address: {
        title: "This page was opened at another address",
        what: "This site works at one address only, and you opened it at another one. We have " +
          "done nothing with the form.",
        fault: "You did nothing wrong.",
        next: "Open the site at its own address, or go back to the app and start again.",
      },
      access_denied: {
        title: "Access was not allowed",
        what: "This request was refused, so the app gets nothing from your account.",
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
        what: "It was already used, is older than a day, or is incomplete.",
        fault: "If you have just used it, nothing is wrong: your account is created.",
        next: "Then open your account. Otherwise restart the server and look in its " +
          "log: as long as nobody has an account, it contains a link that works.",
      },
      reset_link_dead: {
        title: "This link does not work",
        what: "It was already used, is older than 10 minutes, or was replaced by a later one.",
        fault: "If you have just chosen a new password with it, nothing is wrong: it is set.",
        next: "Then sign in from the app. Otherwise ask for a new link on the page that sent you " +
          "this one.",
      },
      sign_in_link_dead: {
        title: "This sign-in link does not work",
        what: "It was already used, is older than 10 minutes, or is incomplete.",
        fault: "You did nothing wrong, and nobody was signed in with it now.",
        next: "Go back to the app, sign in again, and ask for a new link.",
      },
      sign_in_link_other_browser: {
        title: "This link belongs to another browser",
        what: "It signs you in only in the browser where you asked for it.",
        fault: "You did nothing wrong: mail apps often open links in their own browser. If you " +
          "did not ask for a link, somebody else may have typed your address.",
        next: "Open the link in the browser where you started, or ask for a new one there.",
      },
      invitation_dead: {
        title: "This invitation does not work",
        what: "It was already used, has expired, was withdrawn, or its address is incomplete.",
        fault: "If you have just created your account with it, nothing is wrong: it is created.",
        next:
          "Then sign in from the app. Otherwise ask the person who invited you for a new invitation.",
      },
      sign_up_closed: {
        title: "You cannot create an account here yourself",
        what: "Sign-up is closed on this server: its operators decide who gets an account.",
        fault: "You did nothing wrong.",
        next: "If you have an account, go back to the app and sign in. Otherwise ask the people " +
          "who run this site for an invitation.",
      },
      sign_up_link_dead: {
        title: "This link to create an account does not work",
        what: "It was already used, is older than 10 minutes, or its address is incomplete.",
        fault: "If you have just created your account with it, nothing is wrong: it is created.",
        next: "Then sign in from the app. Otherwise start again on the page where you entered " +
          "your address.",
      },
      address_link_dead: {
        title: "This link to confirm an address does not work",
        what: "It was already used, has expired, or was replaced by a later one.",
        fault:
          "If you have just confirmed your address with it, nothing is wrong: it is confirmed.",
        next: "Look at your account. If the new address is not there, enter it once more, and " +
          "you get a new link.",
      },
      passkey_copied: {
        title: "We stopped this sign-in to protect you",
        what:
          "The counter of this passkey went backwards, which happens when somebody has copied it.",
        fault: "You may have done nothing wrong, but we cannot distinguish you from a copy.",
        next: "Sign in another way, remove this passkey in your account, and add a new one. If " +
          "you have no other way to sign in, ask the people who run this site.",
      },
      device_code_dead: {
        title: "This code is not good any more",
        what: "It has expired, or it was answered in another window.",
        fault: "You did nothing wrong.",
        next: "If your device still asks for it, start again there, and you get a new code.",
      },
      step_up_impossible: {
        title: "This app asks for a stronger sign-in",
        what: "It requires a stronger sign-in than your account is set up for.",
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
      form_address: {
        title: "This page is the answer to a form",
        what:
          "Its address does not contain the content of the form, so there is nothing to show here.",
        fault: "You did nothing wrong, and opening it has changed nothing.",
        next:
          "Go back in your browser to the page with the form. If you came from a link in a mail, " +
          "open that link once more: it still works.",
      },
      too_many_requests: {
        title: "Too many attempts",
        what: "There were more attempts than we allow in a short time.",
        fault: "It may not have been you: a limit protects accounts from guessing.",
        next: "Wait a few minutes, then try again.",
      },
      unavailable: {
        title: "We cannot answer right now",
        what: "A part of this service is unavailable at the moment.",
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
    lead:
      "An OpenID Provider. Apps send people here to sign in. They return with an answer that the " +
      "app can check.",
    accountLink: "Your account",
    issuer: "Issuer",
    discovery: "Discovery document",
    tryTitle: "Try it",
    tryLead:
      "The demo is a small app that signs in through the same endpoints as any other app, and " +
      "shows each request on the way.",
    tryLink: "Open the demo app",
    mailLink: "Mail that would have been sent",
    peopleTitle: "People to sign in as",
    peopleLead:
      "Created for development when this server first started, with their current passwords.",
    passwords: { none: "no password", changed: "another password, set later" },
    setupTitle: "Not set up yet",
    setupLead:
      "This server has no administrator yet. Look in the server's log for a one-time setup " +
      "link, and open it to create the first administrator.",
  },
  setup: {
    title: "Create the first administrator",
    lead:
      "Nobody has an account on this server yet. This page creates the first one, and works once.",
    email: "Email (optional)",
    doneTitle: "The account is created",
    done: "You are the administrator of this server now. The setup link no longer works.",
  },
  passwordReset: {
    title: "Choose a new password",
    lead: "We send a link to the address that is confirmed for your account.",
    username: "Username or email",
    submit: "Send the link",
    missing: "Enter your username or email.",
    sentTitle: "Check your mail",
    sent: "If there is an account for what you entered, a mail with a link is on its way to it.",
    sentHint: "The link is valid for 10 minutes. If no mail comes, look in your spam folder, and " +
      "check what you entered.",
  },
  newPassword: {
    title: "Choose a new password",
    lead: "When it is set, you are signed out everywhere.",
    username: "Username",
    password: "New password",
    passwordHint: "8 to 128 characters. A few unrelated words are a good password.",
    passwordRepeat: "Repeat the new password",
    submit: "Set the password",
    passkey: "Create a passkey instead",
    passkeyHint: "Your old password is removed. Then you sign in the way you unlock your device.",
    errors: {
      password: "Enter a password of 8 to 128 characters.",
      password_common: "This password is easy to guess: it is common, or it is your own name. " +
        "Choose another.",
      password_same:
        "Choose another password than the one that you were given, because somebody else knows " +
        "it.",
      password_repeat: "Enter the same password both times.",
    },
    doneTitle: "Your password is set",
    done: "You are signed out on every device. Go back to the app and sign in with the new " +
      "password.",
    passkeyDoneTitle: "Your passkey is set up",
    passkeyDone: "Your old password is gone, and you are signed out on every device. Go back to " +
      "the app and sign in with your passkey.",
  },
  secondFactor: {
    title: "One more step",
    lead: "Enter the code that your authenticator app shows now.",
    recoveryLead: "Enter one of your recovery codes. It works once.",
    code: "Code",
    codeHint: "Six digits.",
    recoveryCode: "Recovery code",
    submit: "Sign in",
    useRecoveryCode: "Use a recovery code instead",
    useApp: "Use the authenticator app instead",
    usePasskey: "Use a passkey instead",
    noneLeft: "You have none of these? Then only the people who run this site can help: they can " +
      "remove the app from your account.",
    restart: "Start again as another user",
    signOut: "Sign out",
    errors: {
      missing: "Enter the code.",
      wrong_code: "This code is not valid now, or it was already used. Wait for the " +
        "app to show the next one. If that is refused too, check the clock of the device with the app.",
      wrong_recovery_code: "That is not one of your recovery codes, or it was already used.",
      too_many_attempts: "Too many attempts. Wait a few minutes, then try again.",
    },
  },
  signInHelp: {
    title: "Can't use your passkey or app?",
    lead: "There is another way to sign in for almost everybody.",
    passkeyTitle: "Your passkey is lost",
    passkey: "Sign in with your password, or with a link by mail to the address that is " +
      "confirmed for your account. Then remove the lost passkey in your account and add another one.",
    appTitle: "Your authenticator app is lost",
    app: "Sign in as usual. When you are asked for the code of the app, choose to use a recovery " +
      "code, or a passkey if you have one. Then set up the app again in your account.",
    passwordTitle: "Your password is forgotten",
    password: "Choose a new one with a link by mail. If you have an authenticator app, you are " +
      "still asked for its code.",
    nothingTitle: "None of this works",
    nothing: "Ask the people who run this site. They can remove an authenticator app, and set " +
      "a password.",
    passwordLink: "Choose a new password",
    back: "Back to signing in",
  },
  security: {
    title: "Security",
    lead: "How you sign in, and how you recover your account.",
    ways: "Ways to sign in",
    password: "Password",
    passwordSet: "You can sign in with a password.",
    passwordNone: "You have no password.",
    passwordChange: "Change the password",
    passwordAdd: "Set a password",
    passkeys: "Passkeys",
    passkeysOne: "You have one passkey.",
    passkeysMany: "You have {count} passkeys.",
    passkeysNone: "You have no passkey. It is the safest way to sign in, and the easiest.",
    passkeysManage: "Manage passkeys",
    app: "Authenticator app",
    appSet: "Signing in without a passkey also requires a code from your app.",
    appNone: "With an app, a stolen password alone is not enough to sign in.",
    appAdd: "Set up an app",
    appManage: "Manage the app",
    codes: "Recovery codes",
    codesLeft: "{count} of {all} codes are left.",
    codesFew: "Few left",
    codesNone: "You have none.",
    codesManage: "Manage recovery codes",
    on: "On",
    lastWay: "One sign-in method always stays: the last passkey can only be removed if you have " +
      "a password, and the password only if you have a passkey. A link by mail is for recovery, " +
      "so do not rely on it alone.",
  },
  authenticatorApp: {
    title: "Authenticator app",
    lead: "Scan the code with an authenticator app, then enter what the app shows.",
    setUp: "Set up the app",
    qr: "QR code with the key, which is also below as text",
    secret: "Or type this key into the app",
    secretHint: "Time-based, six digits, every 30 seconds. Keep it to yourself.",
    code: "Code that the app shows",
    submit: "Turn on",
    missing: "Enter the six digits that the app shows.",
    wrong: "This code is not valid now. Check the clock of your device, and enter the " +
      "code that the app shows now.",
    setTitle: "Your app is set up",
    set: "Since {date}, signing in without a passkey also requires a code from your app.",
    remove: "Remove the app",
    removeTitle: "Remove the authenticator app?",
    removeLead: "From then on no code is asked for when you sign in.",
    removeHint: "To move to another phone, remove the app here and set it up anew.",
  },
  recoveryCodes: {
    title: "Recovery codes",
    lead: "For the day when you lose your phone or your passkey. Each code works once.",
    left: "{count} of {all} are left, created on {date}.",
    none: "You have no recovery codes yet. Create some now, so that a lost device does not lock " +
      "you out.",
    useless: "You need recovery codes only once you have a passkey or an authenticator app.",
    added: "Your authenticator app is set up.",
    make: "Create recovery codes",
    makeNew: "Create new codes",
    makeNewHint: "New codes replace all earlier ones.",
    madeTitle: "Your recovery codes",
    madeLead: "Print them or write them down now: they are not shown again.",
    list: "Recovery codes",
    download: "Save as a file",
    file: "Recovery codes of {username} at {host}. Each works once.",
    done: "I have kept them",
  },
  accountPassword: {
    title: "Password",
    changeLead: "You are signed out on every other device, and apps must sign in again.",
    username: "Username",
    current: "Current password",
    password: "New password",
    passwordHint: "8 to 128 characters. A few unrelated words are a good password.",
    passwordRepeat: "Repeat the new password",
    change: "Change the password",
    set: "Set the password",
    remove: "Remove the password",
    removeTitle: "Remove the password?",
    removeLead: "You sign in with your passkeys from then on, and are signed out on every other " +
      "device.",
    keepOne: "The password can be removed as soon as you have a passkey.",
    changed: "Your password is set.",
    errors: {
      current: "That is not your current password.",
      password: "Enter a password of 8 to 128 characters.",
      password_common: "This password is easy to guess: it is common, or it is your own name. " +
        "Choose another.",
      password_repeat: "Enter the same password both times.",
      too_many_attempts: "Too many attempts. Wait a few minutes, then try again.",
    },
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
  mailSignIn: {
    title: "Sign in by mail",
    explain: "We send a mail to the address of your account. Choose what it contains.",
    email: "Email address",
    sendLink: "Send me a link",
    sendCode: "Send me a code",
    invalid: "Enter an email address such as name@example.com.",
    otherWay: "Sign in another way",
    sentTitle: "Check your mail",
    sentLink: "If there is an account with the address you entered, a mail with a link is on its " +
      "way to it. The link is valid for 10 minutes.",
    sentLinkHow: "Open it in this browser and you are signed in. Opened anywhere else, on your " +
      "phone for example, it can show you a code: type that here.",
    sentCode: "If there is an account with the address you entered, a mail with a code of 8 " +
      "letters is on its way to it. The code is valid for 5 minutes.",
    sentHint: "If no mail comes, look in your spam folder and check the address.",
    code: "Code of 8 letters",
    submitCode: "Sign in",
    again: "Ask for another mail",
    errors: {
      wrong_code:
        "That code is wrong or has expired. Check that it is from the newest mail, or ask for " +
        "another one.",
      missing_code: "Enter the 8 letters of the code.",
      too_many_attempts: "Too many attempts. Wait a few minutes, then ask for another mail.",
    },
    confirmTitle: "Sign in as {username}?",
    confirm: "Sign in",
    notYou: "If you did not ask for this link, close this page: nothing has happened yet.",
    elsewhereTitle: "Continue where you started",
    elsewhere: "This link was requested in another browser, and it signs you in only there. Open " +
      "it in that browser, or let this page show you a code to type there.",
    elsewhereWarning: "Did you start this sign-in yourself just now? If not, close this page. " +
      "Somebody else did, and the code would let them into your account.",
    showCode: "Show the code",
    codeTitle: "Type this code where you started",
    codeLead: "The page where you asked for the mail is waiting for it. The code is valid for 5 " +
      "minutes.",
    codeWarning: "Type it only on the page where you started. Never tell it to anybody who " +
      "asks for it: we never ask for it.",
  },
  signUp: {
    title: "Create an account",
    explain: "First we check that the address is yours: we send a link to it by mail.",
    email: "Email address",
    submit: "Send the link",
    invalid: "Enter an email address such as name@example.com.",
    haveAccount: "I have an account: sign in",
    sentTitle: "Check your mail",
    sent: "A mail is on its way to the address you entered. It says how to continue.",
    sentHint:
      "Its link is valid for 10 minutes. Open it in this browser, so that you come back to " +
      "where you started. If no mail comes, look in your spam folder and check the address.",
  },
  newAccount: {
    title: "Create your account",
    lead: "The address {address} is yours, and becomes part of the account.",
    invitedLead: "You are invited to create an account. The address {address} becomes part of it.",
    username: "Username",
    usernameHint: "You sign in with it. It can be your address.",
    name: "Your name",
    passkey: "Create a passkey",
    passkeyHint:
      "Then you sign in the way you unlock your device, and have no password to remember.",
    orPassword: "or choose a password",
    password: "Password",
    passwordHint: "8 to 128 characters. A few unrelated words are a good password.",
    passwordRepeat: "Repeat the password",
    submit: "Create the account",
    errors: {
      username: "Enter a username of at most 256 visible characters.",
      username_taken: "Somebody else has this username. Choose another one.",
      name: "Enter your name, in at most 256 characters.",
      email: "Enter an email address such as name@example.com, or none.",
      password: "Enter a password of 8 to 128 characters.",
      password_common: "This password is easy to guess: it is common, or it is your own name. " +
        "Choose another.",
      password_repeat: "Enter the same password both times.",
    },
    doneTitle: "Your account is created",
    done: "Go back to the app that you came from and sign in.",
    invitedDone: "You can sign in now.",
    toClient: "Continue to {client}",
    toAccount: "Go to your account",
  },
  addressConfirm: {
    title: "Confirm your new address",
    explain: "From now on {address} is the mail address of the account {username}.",
    submit: "Confirm the address",
    notYou: "If you did not ask for this, close this page: nothing has changed yet.",
    takenTitle: "This address belongs to another account",
    taken: "After you asked for the link, somebody else proved that this address is theirs. Your " +
      "account keeps the address it has.",
    doneTitle: "Your address is confirmed",
    done: "{address} is the mail address of your account now. We have told your old address.",
    toAccount: "Go to your account",
  },
  mail: {
    signature: "Sent by {host}",
    signatureBranded: "Sent by {brand}, {host}",
    passwordReset: {
      subject: "Choose a new password at {host}",
      asked: "Somebody, perhaps you, asked for a new password for the account {username} at " +
        "{host}.",
      link: "Choose a new password",
      once: "The link works once, within 10 minutes.",
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
    requester: {
      both: "It was requested with {browser}, from the address {address}.",
      browser: "It was requested with {browser}.",
      address: "It was requested from the address {address}.",
      browserOn: "{browser} on {system}",
    },
    forClient: "It is for signing in to {client}.",
    forUncheckedClient: "It is for signing in to an app that no administrator has checked.",
    backchannelRequest: {
      subject: "A request waits for you at {host}",
      asked: "{client} asks you to confirm something with your account {username} at {host}.",
      askedByUnchecked: "An app that no administrator has checked asks you to confirm something " +
        "with your account {username} at {host}.",
      message: "It says: {message}",
      link: "See the request",
      until: "You can answer it in your account for {minutes} minutes.",
      notYou: "If you did not begin this, do not allow it. Whoever did would act in your name.",
    },
    magicLink: {
      subject: "Sign in at {host}",
      asked: "Somebody, perhaps you, asked for a link to sign in with the account " +
        "{username} at {host}.",
      link: "Sign in",
      once: "The link works once, within 10 minutes, in the browser where it was requested. " +
        "Anywhere else it shows a code to type there.",
      notYou:
        "If it was not you, do nothing: without this link nobody can sign in this way. Never " +
        "give it, or a code from it, to anybody who asks for it.",
    },
    emailCode: {
      subject: "{code} is your code for {host}",
      asked: "Somebody, perhaps you, asked for a code to sign in with the account " +
        "{username} at {host}. The code is:",
      once: "It works once, within 5 minutes, on the page where it was requested.",
      notYou: "If it was not you, do nothing. Never tell this code to anybody, whoever asks for " +
        "it: we never do.",
    },
    signUp: {
      subject: "Create your account at {host}",
      asked: "Somebody, perhaps you, entered this address to create an account at {host}.",
      link: "Create the account",
      once: "The link works once, within 10 minutes.",
      notYou: "If it was not you, do nothing: without this link no account is created.",
    },
    accountExists: {
      subject: "You already have an account at {host}",
      asked: "Somebody, perhaps you, entered this address to create an account at {host}. But " +
        "there is one already: its username is {username}.",
      signIn: "To use it, go back to the page where you started and choose to sign in. There you " +
        "can also ask for a link by mail. If you have forgotten the password, choose another one:",
      link: "Choose a new password",
      notYou: "If it was not you, do nothing: nothing has changed.",
    },
    invitation: {
      subject: "You are invited to {host}",
      invited: "An administrator of {host} invites you to create an account there.",
      link: "Accept the invitation",
      once: "The link works once, until {until}.",
      notYou: "If you do not know what this is about, do nothing: without this link no account " +
        "is made.",
    },
    addressChange: {
      subject: "Confirm your new address at {host}",
      asked: "Somebody, perhaps you, wants this to be the mail address of an account at {host}. " +
        "The page behind the link says which account it is.",
      link: "Confirm the address",
      once:
        "The link works once, within 10 minutes. Until you use it, the old address stays in use.",
      notYou: "If it was not you, do nothing: without this link nothing changes.",
    },
    addressChangeAsked: {
      subject: "Your mail address at {host} is to be changed",
      asked: "Somebody, perhaps you, asked to replace this mail address of the account " +
        "{username} at {host}. It stays in use until the new one is confirmed.",
      notYou: "If it was not you, somebody else has used your account. Choose another password, " +
        "which signs out every device and ends this change:",
      link: "Choose another password",
    },
    accountNotice: {
      notYou: "If it was you, there is nothing to do. If not, somebody else has used your " +
        "account: choose another password, which signs out every device, and look through your " +
        "account.",
      link: "Look at your account",
      reasons: {
        passkey_added: {
          subject: "A passkey was added to your account at {host}",
          what: "The passkey “{about}” was added to the account {username} at {host}. Whoever " +
            "has it can sign in.",
        },
        passkey_removed: {
          subject: "A passkey was removed from your account at {host}",
          what: "The passkey “{about}” was removed from the account {username} at {host}. It " +
            "signs nobody in any more.",
        },
        passkey_copied: {
          subject: "A passkey of your account at {host} may have been copied",
          what: "The passkey “{about}” of the account {username} at {host} was refused, because " +
            "it counted backwards, as it does when somebody has copied it. Remove it and add " +
            "another one.",
        },
        passkey_counter: {
          subject: "A passkey of your account at {host} counted backwards",
          what: "The passkey “{about}” of the account {username} at {host} signed in and counted " +
            "backwards. Synced passkeys do that when they are used on several devices, and also " +
            "when somebody else has a copy. If you have not used it on another device, remove it " +
            "and add another one.",
        },
        passkey_syncable: {
          subject: "A passkey of your account at {host} can be synced",
          what:
            "The passkey “{about}” of the account {username} at {host} was kept on one device " +
            "when you added it. Your password manager can copy it to other devices from here on.",
        },
        authenticator_app_on: {
          subject: "An authenticator app protects your account at {host}",
          what: "An authenticator app was set up for the account {username} at {host}. Signing " +
            "in takes one of its codes now.",
        },
        authenticator_app_off: {
          subject: "The authenticator app of your account at {host} was removed",
          what: "The authenticator app of the account {username} at {host} was removed. Signing " +
            "in takes no code any more.",
        },
        recovery_codes_made: {
          subject: "New recovery codes for your account at {host}",
          what: "New recovery codes were made for the account {username} at {host}. Older ones " +
            "do not work any more.",
        },
        recovery_code_used: {
          subject: "A recovery code of your account at {host} was used",
          what: "Somebody signed in to the account {username} at {host} with a recovery code. It " +
            "does not work again.",
        },
        password_set: {
          subject: "The password of your account at {host} was changed",
          what: "The password of the account {username} at {host} was changed on the account page.",
        },
        password_set_by_administrator: {
          subject: "An administrator changed the password of your account at {host}",
          what: "An administrator gave the account {username} at {host} another password, which " +
            "signed it out everywhere. Choose one of your own when you have signed in.",
        },
        password_removed: {
          subject: "The password of your account at {host} was removed",
          what: "The password of the account {username} at {host} was removed. It signs nobody " +
            "in any more.",
        },
        address_changed: {
          subject: "Your mail address at {host} was changed",
          what: "The account {username} at {host} has another mail address now. This one is " +
            "used no more.",
        },
      },
    },
    failedSignIns: {
      subject: "Many failed sign-ins to your account at {host}",
      password: {
        what: "Somebody entered many wrong passwords for the account {username} at {host}. Each " +
          "of them was refused.",
        advice: "If it was you, there is nothing to do. If not: browsers that you have signed in " +
          "with before still work. Choose another password if you use this one elsewhere, or add " +
          "a passkey, which nobody can guess.",
      },
      code: {
        what: "Somebody got past the first step of signing in to the account {username} at " +
          "{host}, your password or your mail, and then entered many wrong codes. Each of them " +
          "was refused.",
        advice: "If it was you, there is nothing to do. If not, somebody else knows your " +
          "password or reads your mail: choose another password now, and change the one of your " +
          "mailbox too.",
      },
      link: "See how you sign in",
    },
    accountDeleted: {
      subject: "Your account at {host} is deleted",
      deleted: "The account {username} at {host} was deleted just now, with all that was stored " +
        "about it. It cannot be brought back.",
      apps: "Apps that used it have no access any more. What they stored themselves is theirs: " +
        "ask them if you want it deleted too.",
      notYou:
        "If it was not you, somebody else had got into the account. Tell the people who run " +
        "{host}.",
    },
  },
  account: {
    title: "Your account",
    overview: {
      lead: "What there is about you here, and what has access to it.",
      who: "You",
      username: "Username",
      name: "Name",
      email: "Email",
      emailVerified: "confirmed",
      emailUnverified: "not confirmed",
      none: "none",
      signIn: "How you sign in",
      password: "Password",
      passkeys: "Passkeys",
      app: "Authenticator app",
      recoveryCodes: "Recovery codes",
      codesLeft: "{count} left",
      codesUsedUp: "all used up",
      noneYet: "none yet",
      set: "set up",
      notSet: "not set up",
      manage: "Manage how you sign in",
      editProfile: "Edit your profile",
      recent: "Recent activity",
      allActivity: "All activity",
      warnings: "Worth a look",
      warning: {
        passkeyCopied: "A passkey of yours may have been copied. Remove it and add a new one.",
        fewCodes: "You have few recovery codes left. Make new ones before you need the last.",
        noEmail:
          "No confirmed email address: without one you cannot get back in by mail when you " +
          "have lost everything else.",
      },
    },
    profile: {
      title: "Profile",
      lead: "Apps that you allow to see your profile get what stands here, from now on.",
      about: "About you",
      reach: "Phone and postal address",
      names: {
        name: "Full name",
        given_name: "Given name",
        family_name: "Family name",
        nickname: "Nickname",
        picture: "Address of a picture",
        website: "Website",
        birthdate: "Date of birth",
        zoneinfo: "Time zone",
        locale: "Language",
        phone_number: "Phone number",
        street_address: "Street and number",
        postal_code: "Postal code",
        locality: "Town",
        region: "Region or state",
        country: "Country",
      },
      hints: {
        picture: "Begins with https://. Apps may show it; these pages do not load it.",
        birthdate: "As 1990-12-31, or the year alone.",
        zoneinfo: "As Europe/Berlin. Times on these pages are shown in it.",
        locale: "As en or de-AT.",
        phone_number: "As +49 30 123456. A new number counts as not confirmed.",
      },
      errors: {
        name: "Enter a name of at most 1,024 characters.",
        given_name: "Enter a name of at most 1,024 characters.",
        family_name: "Enter a name of at most 1,024 characters.",
        nickname: "Enter a name of at most 1,024 characters.",
        picture: "Enter an address that begins with https://.",
        website: "Enter a web address such as https://example.com.",
        birthdate: "Enter a day that there is, as 1990-12-31, or the year alone.",
        zoneinfo: "Enter a time zone such as Europe/Berlin.",
        locale: "Enter a language tag such as en or de-AT.",
        phone_number: "Enter a phone number such as +49 30 123456.",
        street_address: "Enter a street of at most 1,024 characters.",
        postal_code: "Enter a postal code of at most 1,024 characters.",
        locality: "Enter a town of at most 1,024 characters.",
        region: "Enter a region of at most 1,024 characters.",
        country: "Enter a country of at most 1,024 characters.",
      },
      save: "Save the profile",
      saved: "Your profile is saved.",
      conflictTitle: "Your profile was changed meanwhile",
      conflict:
        "Somebody, perhaps you in another tab, has saved your profile since this page was " +
        "opened. Nothing of yours is lost: below is what you entered, with what is saved now " +
        "beside it. Save again to keep yours.",
      savedNow: "Saved now: {value}",
      savedNowNothing: "Saved now: nothing",
      own: {
        title: "More about you",
        save: "Save these details",
        commas: "Separate several by commas.",
        errors: {
          string: "Enter at most 512 characters.",
          number: "Enter a number.",
          strings: "Enter at most 32 texts of at most 128 characters.",
          all: "These details are too long together, or one is wrong.",
        },
      },
      emailTitle: "Email",
      emailNow: "Your address is {email}.",
      noEmail: "You have no email address here.",
      emailUnverified: "It is not confirmed.",
      newEmail: "New email address",
      newEmailHint:
        "We send a link to it. Your address changes when you open the link, and the old " +
        "one is told.",
      emailSent: "A link is on its way to the new address. Your address changes when you open it.",
      wrongEmail: "Enter an email address such as name@example.com.",
      changeEmail: "Send the link",
    },
    sessions: {
      title: "Sessions",
      lead: "Where you are signed in. When a session ends, apps that depend on it lose access too.",
      current: "This browser",
      browserOn: "{browser} on {system}",
      unknownDevice: "Unknown device",
      place: {
        thisComputer: "From this computer",
        localNetwork: "From the local network",
        address: "From {address}",
        unknown: "From an unknown place",
      },
      since: "Signed in {date}",
      sinceHow: "Signed in {date} with {how}",
      lastSeen: "Last seen {date}",
      end: "End",
      endAll: "End all others",
      endAllLead:
        "Signs you out everywhere but here. Apps that may stay connected keep that: take " +
        "it from them under Apps.",
      more: "There are {count} more, which were last seen earlier.",
      onlyThis: "You are signed in nowhere else.",
      ended: "The session has ended.",
      othersEnded: "All other sessions have ended.",
      unknown: "There is no such session any more. These are the ones that there are.",
    },
    methods: {
      password: "password",
      passkey: "passkey",
      email: "email",
      code: "one-time code",
      recoveryCode: "recovery code",
      and: "{one} and {other}",
    },
    requests: {
      title: "Requests",
      lead: "Apps ask you here to confirm what you do with them elsewhere.",
      none: "No request waits for you.",
      from: "A request of {client}",
      message: "Compare this with what you see there:",
      warning:
        "Only allow what you have begun yourself. Whoever began it acts in your name afterwards.",
      allowOf: "Allow: the request of {client}",
      denyOf: "Do not allow: the request of {client}",
      notices: {
        allowed: "You have allowed it. It goes on where you began it.",
        denied: "You have not allowed it. The app gets nothing.",
        gone: "This request is over: it was answered, or it took too long.",
        changed: "What this request asks for has changed. Look at it once more.",
      },
      waiting: "A request of an app waits for your answer.",
      see: "See the request",
    },
    apps: {
      title: "Apps",
      lead: "Apps that you have let into your account, and what they may do.",
      none: "No app has access to your account.",
      since: "Allowed since {date}",
      lastUsed: "Last signed in or renewed {date}",
      offline: "Stays connected",
      offlineMeta: "Has access while you are not using it",
      may: "It may:",
      at: "at {host}",
      withdraw: "Withdraw access",
      withdrawTitle: "Withdraw the access of {client}?",
      withdrawLead: "It loses access to your account at once, on all your devices.",
      withdrawMore:
        "What it has stored already stays with it. If you use it again, it has to ask " +
        "you again.",
      withdrawOwn: "It belongs to this site: if you use it again, it has access again without a " +
        "question.",
      withdrawn: "The app has no access any more.",
      unknown: "No such app has access. These are the ones that have.",
    },
    activity: {
      title: "Activity",
      lead: "What has happened to your account, the newest first.",
      none: "Nothing has happened yet.",
      older: "Older",
      newest: "Back to the newest",
      from: "From {place}",
      byAdministrator: "Done by somebody who runs this site",
      other: "Something else: {type}",
      events: {
        account_exported: "You downloaded your data",
        address_change_requested: "A new email address was entered",
        address_changed: "Your email address was changed",
        address_verified: "Your email address was confirmed",
        application_withdrawn: "You withdrew the access of {client}",
        client_not_told_of_logout:
          "{client} could not be told that a session ended: sign out there too",
        code_issued: "{client} was let into your account",
        consent_denied: "You did not allow {client}",
        backchannel_allowed: "You allowed a request of {client}",
        backchannel_denied: "You refused a request of {client}",
        backchannel_requested: "{client} sent you a request",
        consent_given: "You allowed {client}",
        device_allowed: "You connected a device with {client}",
        device_denied: "You did not connect a device with {client}",
        first_factor_passed: "The first of two steps to sign in was passed",
        front_channel_issued: "{client} was let into your account",
        grant_ended: "Access of {client} ended",
        grant_ended_stolen:
          "Access of {client} was ended: something that works once came twice, as " +
          "when it is stolen",
        invitation_accepted: "You accepted an invitation",
        magic_link_turned_into_code:
          "A link to sign in was opened in another browser, which showed a code",
        mail_sign_in_requested: "A link or a code to sign in was asked for",
        passkey_added: "A passkey was added",
        passkey_became_syncable: "A passkey can be synced from here on",
        passkey_copied: "A passkey was refused, as it may have been copied",
        passkey_counter_lagged: "A synced passkey counted backwards",
        passkey_removed: "A passkey was removed",
        passkey_renamed: "A passkey was renamed",
        password_changed: "Your password was changed",
        password_removed: "Your password was removed",
        password_reset: "A new password was chosen, by a link from a mail",
        password_reset_requested: "A link for a new password was asked for",
        profile_updated: "Your profile was changed",
        recovery_code_used: "A recovery code was used",
        recovery_codes_made: "New recovery codes were made",
        session_ended: "A session ended",
        sessions_ended: "All other sessions were ended",
        sign_in_failed: "Somebody tried to sign in and failed",
        signed_in: "Signed in",
        signed_in_how: "Signed in with {how}",
        signed_out: "Signed out",
        totp_added: "An authenticator app was set up",
        totp_removed: "The authenticator app was removed",
        user_activated: "Your account was opened again",
        user_created: "Your account was made",
        user_suspended: "Your account was suspended",
        user_updated: "Your account was changed",
      },
    },
    data: {
      title: "Your data",
      exportTitle: "Download your data",
      exportLead:
        "A file with all that is stored about you here: profile, sign-in, sessions, apps " +
        "and activity. It is made for programs to read (JSON), and holds no secrets.",
      export: "Download",
      deleteTitle: "Delete your account",
      deleteLead:
        "Your account and all that is stored about it go at once, and cannot be brought " +
        "back. Apps lose access; what they stored themselves stays with them.",
      deleteLink: "Delete the account",
      confirmTitle: "Delete your account?",
      confirmLead: "This cannot be undone.",
      confirmUsername: "Type your username, {username}, to confirm",
      confirm: "Delete my account for good",
      errors: {
        wrong_username: "This is not your username. Type it as it stands there.",
        last_administrator:
          "You are the last administrator of this server. Make somebody else one " +
          "first.",
      },
      deletedTitle: "Your account is deleted",
      deleted: "All that was stored about you here is gone, and you are signed out everywhere.",
      deletedMail: "If you had confirmed an email address, a last mail is on its way to it.",
    },
  },
  devMail: {
    title: "Mail",
    lead: "What this server has sent since it started. In development no mail leaves it.",
    none: "No mail yet.",
    asHtml: "As HTML",
    sentAt: "sent",
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
