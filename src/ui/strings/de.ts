import type { Strings } from "./en.ts";

/** Every text of the pages, in German. */
export const de: Strings = {
  layout: {
    skip: "Zum Inhalt springen",
    tagline: "Anmeldung mit Latchkey",
    languageName: "Deutsch",
    languages: "Sprache",
  },
  common: {
    errorSummary: "Bitte prüfen Sie Ihre Angaben",
    reference: "Referenz",
    errorCode: "Fehlercode",
    forDevelopers: "Für die Entwicklung",
    opensClient: "Zurück zu {client}",
    or: "oder",
    cancel: "Abbrechen",
  },
  accountNav: {
    label: "Konto von {name}",
    documentTitle: "Ihr Konto",
    signOut: "Abmelden",
    sections: {
      overview: "Übersicht",
      profile: "Profil",
      security: "Sicherheit",
      sessions: "Sitzungen",
      apps: "Apps",
      activity: "Aktivität",
      data: "Ihre Daten",
    },
  },
  login: {
    title: "Anmelden",
    documentTitle: "Bei {client} anmelden",
    lead: "um mit {client} fortzufahren",
    username: "Benutzername",
    password: "Passwort",
    submit: "Anmelden",
    continueAs: "Weiter als {name}",
    anotherAccount: "Anderes Konto verwenden",
    forgotten: "Passwort vergessen?",
    reauthenticateTitle: "Bestätigen Sie, dass Sie es sind",
    reauthenticateLead: "{client} fragt noch einmal nach Ihrem Passwort, bevor es weitergeht.",
    errors: {
      wrong_credentials:
        "Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
      missing_username: "Geben Sie Ihren Benutzernamen ein.",
      missing_password: "Geben Sie Ihr Passwort ein.",
      too_many_attempts: "Zu viele Versuche. Warten Sie ein paar Minuten.",
      form_expired: "Diese Seite war zu lange geöffnet. Bitte melden Sie sich noch einmal an.",
    },
  },
  consent: {
    title: "{client} erlauben?",
    documentTitle: "{client} den Zugriff auf Ihr Konto erlauben?",
    signedInAs: "Angemeldet als {name}",
    asks: "{client} möchte:",
    destination: "Wie auch immer Sie entscheiden, es geht zurück zu",
    allow: "Erlauben",
    deny: "Nicht erlauben",
    policy: "Datenschutzerklärung",
    terms: "Nutzungsbedingungen",
    website: "Website",
    aboutClient: "Über {client}",
    resourceTitle: "{scope} bei {resource} verwenden",
    scopes: {
      openid: {
        title: "Wissen, wer Sie sind",
        detail: "Eine Kennung, die jedes Mal dieselbe ist.",
      },
      profile: {
        title: "Ihr Profil sehen",
        detail: "Ihren Namen, Ihr Bild, Ihre Sprache und Ähnliches.",
      },
      email: {
        title: "Ihre E-Mail-Adresse sehen",
        detail: "Die Adresse selbst und ob Sie sie bestätigt haben.",
      },
      address: {
        title: "Ihre Postanschrift sehen",
        detail: "Die Anschrift, die hier hinterlegt ist.",
      },
      phone: {
        title: "Ihre Telefonnummer sehen",
        detail: "Die Nummer selbst und ob Sie sie bestätigt haben.",
      },
      offline_access: {
        title: "Verbunden bleiben, auch wenn Sie die App nicht benutzen",
        detail: "Der Zugriff bleibt, bis Sie ihn zurücknehmen.",
      },
    },
  },
  logout: {
    title: "Abmelden?",
    confirm: "Abmelden",
    signedInAs: "Sie sind hier als {name} angemeldet.",
    askedBy: "{client} möchte Sie abmelden.",
    explain: "Ihre Sitzung in diesem Browser wird beendet. Apps, die Sie damit geöffnet haben, " +
      "fragen danach vielleicht wieder nach Ihrer Anmeldung.",
    stay: "Um angemeldet zu bleiben, schließen Sie diese Seite.",
    doneTitle: "Sie sind abgemeldet",
    done:
      "Ihre Sitzung in diesem Browser ist beendet. An einem gemeinsam benutzten Gerät schließen " +
      "Sie bitte auch den Browser.",
  },
  formPost: {
    title: "Einen Moment",
    lead: "Es geht zurück zu {client}.",
    noScript: "Wenn nichts geschieht, drücken Sie den Knopf.",
    submit: "Weiter",
  },
  error: {
    whatNext: "Was Sie tun können",
    situations: {
      bad_request: {
        title: "Diese App hat eine Anfrage geschickt, die wir nicht annehmen können",
        what: "Die App, von der Sie kommen, hat etwas Unvollständiges oder Unerlaubtes angefragt.",
        fault: "Sie haben nichts falsch gemacht.",
        next:
          "Gehen Sie zurück zur App und versuchen Sie es noch einmal. Hilft das nicht, nennen " +
          "Sie den Betreibern den Fehlercode und die Referenz unten.",
      },
      unknown_client: {
        title: "Wir kennen diese App nicht",
        what: "Die App, von der Sie kommen, ist nicht oder nicht mehr registriert.",
        fault: "Sie haben nichts falsch gemacht.",
        next: "Prüfen Sie, ob Sie von einer App kommen, der Sie vertrauen. Wenn ja, sagen Sie es " +
          "ihren Betreibern.",
      },
      redirect_uri_mismatch: {
        title: "Diese App nennt eine Adresse, der wir nicht vertrauen",
        what: "Die App wollte Sie an eine Adresse schicken, die für sie nicht registriert ist. " +
          "Darum haben wir hier angehalten.",
        fault: "Sie haben nichts falsch gemacht, und nichts wurde weitergegeben.",
        next:
          "Schließen Sie diese Seite. Wenn Sie der App vertrauen, sagen Sie es ihren Betreibern.",
      },
      interaction_finished: {
        title: "Diese Anmeldung ist schon abgeschlossen",
        what:
          "Sie wurde bereits beendet, vielleicht in einem anderen Tab, und jede gilt nur einmal.",
        fault: "Das geschieht beim Neuladen oder mit der Zurück-Taste; nichts ist kaputt.",
        next:
          "Gehen Sie zurück zur App. Wenn sie Sie noch nicht kennt, melden Sie sich dort neu an.",
      },
      other_browser: {
        title: "Diese Anmeldung geht hier nicht weiter",
        what: "Sie war zu lange offen, begann in einem anderen Browser, oder ihre Adresse ist " +
          "unvollständig.",
        fault: "Wenn Ihnen jemand den Link geschickt hat, war es gut, hier anzuhalten.",
        next: "Gehen Sie zurück zur App und melden Sie sich in diesem Browser an, mit erlaubten " +
          "Cookies.",
      },
      form_refused: {
        title: "Wir konnten dieses Formular nicht annehmen",
        what: "Es kam nicht von unserer eigenen Seite, oder die Seite war veraltet.",
        fault: "Das kann geschehen, wenn eine Seite lange geöffnet war.",
        next: "Gehen Sie zurück zur App und beginnen Sie von vorn.",
      },
      access_denied: {
        title: "Der Zugriff wurde nicht erlaubt",
        what: "Diese Anfrage wurde abgelehnt; die App erhält nichts aus Ihrem Konto.",
        fault: "Nichts ist kaputt.",
        next: "Gehen Sie zurück zur App, wenn Sie es noch einmal versuchen möchten.",
      },
      logout_refused: {
        title: "So konnten wir Sie nicht abmelden",
        what: "Die Anfrage der App, Sie abzumelden, ist unvollständig oder nicht erlaubt.",
        fault: "Sie haben nichts falsch gemacht. Vielleicht sind Sie noch angemeldet.",
        next: "Öffnen Sie die Abmeldeseite dieser Website selbst, um Ihre Sitzung zu beenden.",
      },
      setup_link_dead: {
        title: "Dieser Link zur Einrichtung gilt nicht",
        what: "Er wurde schon benutzt, ist älter als einen Tag oder nicht vollständig.",
        fault: "Wenn Sie ihn gerade benutzt haben, ist alles gut: Ihr Konto ist angelegt.",
        next: "Melden Sie sich dann von einer App aus an. Sonst starten Sie den Server neu und " +
          "sehen in sein Log: Solange niemand ein Konto hat, steht dort ein Link, der gilt.",
      },
      reset_link_dead: {
        title: "Dieser Link gilt nicht",
        what:
          "Er wurde schon benutzt, ist älter als eine Stunde oder durch einen späteren ersetzt.",
        fault: "Wenn Sie damit gerade ein neues Passwort gewählt haben, ist alles gut: Es gilt.",
        next: "Melden Sie sich dann von der App aus an. Sonst fordern Sie auf der Seite, von der " +
          "dieser Link kam, einen neuen an.",
      },
      sign_in_link_dead: {
        title: "Dieser Anmeldelink gilt nicht",
        what: "Er wurde schon benutzt, ist älter als 15 Minuten oder durch einen späteren ersetzt.",
        fault: "Sie haben nichts falsch gemacht, und niemand wurde jetzt damit angemeldet.",
        next: "Gehen Sie zurück zur App, beginnen Sie die Anmeldung neu und fordern Sie einen " +
          "neuen Link an.",
      },
      sign_in_link_other_browser: {
        title: "Dieser Link gehört zu einem anderen Browser",
        what: "Er meldet Sie nur in dem Browser an, in dem Sie ihn angefordert haben.",
        fault: "Sie haben nichts falsch gemacht: Mail-Apps öffnen Links oft in einem eigenen " +
          "Browser. Haben Sie keinen Link angefordert, hat vielleicht jemand anderes Ihre " +
          "Adresse eingegeben.",
        next: "Öffnen Sie den Link in dem Browser, in dem Sie begonnen haben, oder fordern Sie " +
          "dort einen neuen an.",
      },
      invitation_dead: {
        title: "Diese Einladung gilt nicht",
        what: "Sie wurde schon benutzt, ist abgelaufen, wurde zurückgezogen, oder ihre Adresse " +
          "ist unvollständig.",
        fault: "Wenn Sie damit gerade Ihr Konto angelegt haben, ist alles gut: Es ist angelegt.",
        next: "Melden Sie sich dann von der App aus an. Sonst bitten Sie die Person, die Sie " +
          "eingeladen hat, um eine neue Einladung.",
      },
      sign_up_closed: {
        title: "Hier können Sie selbst kein Konto anlegen",
        what: "Auf diesem Server entscheiden die Betreiber, wer ein Konto bekommt.",
        fault: "Sie haben nichts falsch gemacht.",
        next: "Wenn Sie ein Konto haben, gehen Sie zurück zur App und melden sich an. Sonst " +
          "bitten Sie die Betreiber dieser Website um eine Einladung.",
      },
      address_link_dead: {
        title: "Dieser Link zur Bestätigung gilt nicht",
        what: "Er wurde schon benutzt, ist abgelaufen oder durch einen späteren ersetzt.",
        fault: "Wenn Sie Ihre Adresse gerade damit bestätigt haben, ist alles gut: Sie gilt.",
        next: "Sehen Sie in Ihrem Konto nach. Steht die neue Adresse nicht dort, geben Sie sie " +
          "noch einmal ein; Sie bekommen dann einen neuen Link.",
      },
      passkey_copied: {
        title: "Wir haben diese Anmeldung zu Ihrem Schutz angehalten",
        what:
          "Dieser Passkey hat rückwärts gezählt, wie es geschieht, wenn ihn jemand kopiert hat.",
        fault: "Vielleicht haben Sie nichts falsch gemacht, doch wir können Sie und eine Kopie " +
          "nicht unterscheiden.",
        next: "Melden Sie sich auf anderem Weg an, entfernen Sie diesen Passkey in Ihrem Konto " +
          "und fügen Sie einen neuen hinzu. Haben Sie keinen anderen Weg, wenden Sie sich an die " +
          "Betreiber dieser Website.",
      },
      step_up_impossible: {
        title: "Diese App verlangt eine stärkere Anmeldung",
        what: "Sie will sicherer wissen, dass Sie es sind, als es mit Ihrem Konto bisher geht.",
        fault: "Sie haben nichts falsch gemacht und sind weiterhin angemeldet.",
        next: "Fügen Sie in Ihrem Konto unter „Sicherheit“ einen Passkey oder eine " +
          "Authenticator-App hinzu und versuchen Sie es dann in der App noch einmal.",
      },
      account_deleted: {
        title: "Dieses Konto ist gelöscht",
        what: "Das Konto, das hier benutzt wurde, gibt es nicht mehr; seine Daten sind fort.",
        fault: "Nichts ist kaputt. Wenn nicht Sie es gelöscht haben, sagen Sie es sofort den " +
          "Betreibern dieser Website.",
        next: "Hier gibt es nichts mehr anzumelden. Sie können diese Seite schließen.",
      },
      not_found: {
        title: "Hier ist nichts",
        what: "Diese Adresse führt zu keiner Seite.",
        fault: "Der Link ist vielleicht alt oder vertippt.",
        next: "Prüfen Sie die Adresse, oder gehen Sie zurück zur App, von der Sie kommen.",
      },
      too_many_requests: {
        title: "Zu viele Versuche",
        what: "Es gab mehr Versuche, als wir in kurzer Zeit zulassen.",
        fault: "Vielleicht waren Sie es nicht: Die Grenze schützt Konten vor dem Erraten.",
        next: "Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.",
      },
      unavailable: {
        title: "Wir können gerade nicht antworten",
        what: "Ein Teil dieses Dienstes ist im Moment nicht erreichbar.",
        fault: "Sie haben nichts falsch gemacht, und nichts ist verloren.",
        next: "Warten Sie einen Moment und laden Sie die Seite dann neu.",
      },
      internal: {
        title: "Bei uns ist etwas schiefgegangen",
        what: "Ein Fehler, mit dem wir nicht gerechnet haben, hat diese Seite angehalten.",
        fault: "Sie haben nichts falsch gemacht.",
        next:
          "Versuchen Sie es noch einmal. Geschieht es wieder, nennen Sie den Betreibern dieser " +
          "Website die Referenz unten.",
      },
    },
  },
  home: {
    title: "Das ist {brand}",
    lead: "Ein OpenID Provider. Apps schicken Menschen zum Anmelden hierher; sie gehen mit einer " +
      "Antwort zurück, die die App prüfen kann. Mehr gibt es auf dieser Seite nicht zu tun.",
    issuer: "Aussteller",
    discovery: "Discovery-Dokument",
    tryTitle: "Ausprobieren",
    tryLead: "Die Demo ist eine kleine App, die sich über dieselben Endpunkte anmeldet wie jede " +
      "andere und jede Anfrage auf dem Weg zeigt.",
    tryLink: "Demo-App öffnen",
    mailLink: "Mails, die verschickt worden wären",
    peopleTitle: "Personen zum Anmelden",
    peopleLead: "Für die Entwicklung angelegt, als dieser Server startete.",
    setupTitle: "Noch nicht eingerichtet",
    setupLead:
      "Noch verwaltet niemand diesen Server. Im Log des Servers steht ein einmaliger Link " +
      "zur Einrichtung; öffnen Sie ihn, um die erste Verwalterin oder den ersten Verwalter anzulegen.",
  },
  setup: {
    title: "Das erste Konto anlegen",
    lead: "Auf diesem Server hat noch niemand ein Konto. Diese Seite legt das erste an, einmal; " +
      "es verwaltet den Server.",
    username: "Benutzername",
    name: "Ihr Name",
    email: "E-Mail (freiwillig)",
    password: "Passwort",
    passwordHint:
      "8 bis 128 Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.",
    passwordRepeat: "Passwort, noch einmal",
    submit: "Konto anlegen",
    errors: {
      username: "Geben Sie einen Benutzernamen mit höchstens 256 Zeichen ein.",
      name: "Geben Sie Ihren Namen mit höchstens 256 Zeichen ein.",
      email: "Geben Sie eine E-Mail-Adresse wie name@example.com ein, oder keine.",
      password: "Geben Sie ein Passwort mit 8 bis 128 Zeichen ein.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
    },
    doneTitle: "Das Konto ist angelegt",
    done: "Sie verwalten jetzt diesen Server, und der Link zur Einrichtung gilt nicht mehr. " +
      "Melden Sie sich von einer App aus an, die diesen Server nutzt.",
  },
  passwordReset: {
    title: "Ein neues Passwort wählen",
    lead: "Wir senden Ihnen einen Link an die Adresse, die für Ihr Konto bestätigt ist.",
    username: "Benutzername oder E-Mail",
    submit: "Link senden",
    missing: "Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.",
    sentTitle: "Sehen Sie in Ihre Post",
    sent:
      "Wenn es zu Ihrer Eingabe ein Konto gibt, ist eine Mail mit einem Link unterwegs dorthin.",
    sentHint: "Der Link gilt eine Stunde. Kommt keine Mail an, sehen Sie unter den unerwünschten " +
      "nach, und prüfen Sie Ihre Eingabe.",
  },
  newPassword: {
    title: "Ein neues Passwort wählen",
    lead: "Sobald es gilt, sind Sie überall abgemeldet.",
    username: "Benutzername",
    password: "Neues Passwort",
    passwordHint:
      "8 bis 128 Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.",
    passwordRepeat: "Neues Passwort, noch einmal",
    submit: "Passwort setzen",
    errors: {
      password: "Geben Sie ein Passwort mit 8 bis 128 Zeichen ein.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
    },
    doneTitle: "Ihr Passwort gilt",
    done: "Sie sind auf allen Geräten abgemeldet. Gehen Sie zurück zur App und melden Sie sich " +
      "mit dem neuen Passwort an.",
  },
  sessionToken: {
    title: "Einen Moment",
    explain: "{client} hat dieses Fenster geöffnet und fragt, ob Sie hier angemeldet sind. Es " +
      "sagt der Seite unter {origin} einmal, wer Sie sind; sonst wird nichts weitergegeben.",
    close: "Bleibt dieses Fenster offen, können Sie es schließen.",
    login_required: "Sie sind hier nicht angemeldet, und das hat die Seite erfahren.",
    consent_required: "Sie haben dieser App nicht erlaubt zu wissen, wer Sie sind; die Seite hat " +
      "nichts über Sie erfahren.",
  },
  mail: {
    signature: "Gesendet von {host}",
    signatureBranded: "Gesendet von {brand}, {host}",
    passwordReset: {
      subject: "Ein neues Passwort bei {host} wählen",
      asked: "Jemand, vielleicht Sie, hat ein neues Passwort für das Konto {username} bei {host} " +
        "angefordert.",
      link: "Ein neues Passwort wählen",
      once: "Der Link gilt einmal und eine Stunde lang.",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun: Ohne diesen Link kann niemand Ihr " +
        "Passwort ändern.",
    },
    passwordChanged: {
      subject: "Ihr Passwort bei {host} wurde geändert",
      changed: "Das Passwort des Kontos {username} bei {host} wurde gerade geändert.",
      ended: "Alle Geräte und Apps wurden abgemeldet.",
      notYou: "Waren Sie es nicht, liest vielleicht jemand Ihre Post. Sichern Sie zuerst Ihr " +
        "Postfach und wählen Sie dann ein anderes Passwort:",
      link: "Ein anderes Passwort wählen",
    },
  },
  devMail: {
    title: "Post",
    lead:
      "Was dieser Server gesendet hat, seit er läuft. In der Entwicklung verlässt ihn keine Mail.",
    none: "Noch keine Mail.",
    asHtml: "Als HTML",
  },
  demo: {
    title: "Demo-App",
    lead:
      "Eine Relying Party für die Entwicklung. Sie nutzt diesen Server wie jede App: Discovery, " +
      "den Code-Ablauf mit PKCE und die öffentlichen Endpunkte.",
    signedOutTitle: "Niemand ist angemeldet",
    signedOutLead: "Der Knopf beginnt eine echte Anmeldung, mit frischem state, nonce und PKCE.",
    signIn: "Mit Latchkey anmelden",
    signedInAs: "Angemeldet als {name}",
    refresh: "Erneuern",
    introspect: "Introspektion",
    revoke: "Widerrufen",
    signOut: "Abmelden",
    actions: "Aktionen",
    idToken: "ID-Token",
    header: "Kopf",
    payload: "Inhalt",
    encoded: "Wie empfangen",
    accessToken: "Access-Token",
    refreshToken: "Refresh-Token",
    userinfo: "Userinfo",
    exchangesTitle: "Was über die Leitung ging",
    exchangesLead: "Der neueste Schritt ist der letzte.",
    request: "Anfrage",
    response: "Antwort",
    noResponse: "Diesen Schritt hat der Browser getragen.",
    none: "keiner",
    steps: {
      discovery: "Discovery",
      authorization: "Autorisierungsanfrage",
      callback: "Autorisierungsantwort",
      token: "Code-Tausch",
      userinfo: "Userinfo",
      refresh: "Erneuerung",
      introspection: "Introspektion",
      revocation: "Widerruf",
      logout: "Abmeldung",
    },
  },
};
