import type { Strings } from "./en.ts";

/** Every text of the pages, in German. */
export const de: Strings = {
  layout: {
    skip: "Zum Inhalt springen",
    tagline: "Anmeldung mit Latchkey",
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
    ownLead: "um zu Ihrem Konto zu kommen",
    username: "Benutzername",
    password: "Passwort",
    submit: "Anmelden",
    continueAs: "Weiter als {name}",
    anotherAccount: "Anderes Konto verwenden",
    help: "Passkey oder App nicht zur Hand?",
    forgotten: "Passwort vergessen?",
    reauthenticateTitle: "Bestätigen Sie, dass Sie es sind",
    reauthenticateLead: "{client} fragt noch einmal nach Ihrem Passwort, bevor es weitergeht.",
    ownReauthenticateLead:
      "Gleich geht es um etwas Heikles, und Ihre Anmeldung liegt schon eine Weile zurück.",
    errors: {
      wrong_credentials:
        "Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
      missing_username: "Geben Sie Ihren Benutzernamen ein.",
      missing_password: "Geben Sie Ihr Passwort ein.",
      too_many_attempts: "Zu viele Versuche. Warten Sie ein paar Minuten.",
      form_expired: "Diese Seite war zu lange geöffnet. Bitte melden Sie sich noch einmal an.",
    },
  },
  passkeys: {
    signIn: "Mit einem Passkey anmelden",
    unsupported: "Passkeys brauchen JavaScript und einen Browser, der sie kennt. Dieser bietet " +
      "nicht beides.",
    step: {
      title: "Verwenden Sie Ihren Passkey",
      lead: "{client} möchte genauer wissen, dass Sie es sind.",
      ownLead: "Die Seite, die Sie geöffnet haben, möchte genauer wissen, dass Sie es sind.",
      signedInAs: "Sie sind als {name} angemeldet.",
      button: "Meinen Passkey verwenden",
      recoveryCode: "Stattdessen einen Wiederherstellungscode verwenden",
    },
    failures: {
      waiting: "Ihr Browser fragt nach Ihrem Passkey.",
      cancelled: "Es wurde kein Passkey verwendet. Vielleicht haben Sie abgebrochen, oder auf " +
        "diesem Gerät ist keiner für diese Website. Versuchen Sie es noch einmal oder auf anderem " +
        "Weg.",
      timeout:
        "Das hat zu lange gedauert, und Ihr Browser hat aufgegeben. Bitte versuchen Sie es " +
        "noch einmal.",
      known: "Auf diesem Gerät gibt es schon einen Passkey für Ihr Konto.",
      insecure: "Unter dieser Adresse funktionieren Passkeys nicht. Öffnen Sie die Website unter " +
        "ihrer üblichen Adresse und versuchen Sie es dort.",
      unsupported: "Dieses Gerät kann einen solchen Passkey nicht aufbewahren. Versuchen Sie es " +
        "mit einem anderen Gerät oder einem Sicherheitsschlüssel.",
      interrupted: "Etwas anderes hat dazwischen nach einem Passkey gefragt. Bitte versuchen Sie " +
        "es noch einmal.",
      offline:
        "Der Server war nicht zu erreichen. Prüfen Sie Ihre Verbindung und versuchen Sie es " +
        "noch einmal.",
      stale: "Diese Seite ist veraltet. Laden Sie sie neu und versuchen Sie es noch einmal.",
      busy: "Zu viele Versuche. Warten Sie eine Minute und versuchen Sie es noch einmal.",
      other: "Das hat nicht geklappt, und Ihr Browser sagt nicht, warum. Versuchen Sie es noch " +
        "einmal oder auf anderem Weg.",
    },
    refused: {
      passkey_refused: "Dieser Passkey wurde nicht angenommen. Verwenden Sie einen anderen oder " +
        "melden Sie sich auf anderem Weg an.",
      passkey_expired: "Das hat zu lange gedauert oder wurde schon einmal gesendet. Bitte " +
        "verwenden Sie Ihren Passkey noch einmal.",
      passkey_unverified: "Ihr Passkey muss prüfen, dass Sie es sind: mit Fingerabdruck, Gesicht " +
        "oder PIN. Richten Sie das auf Ihrem Gerät ein oder verwenden Sie einen anderen Passkey.",
    },
    account: {
      title: "Passkeys",
      lead:
        "Mit einem Passkey melden Sie sich so an, wie Sie Ihr Gerät entsperren. Sie müssen sich " +
        "nichts merken, und keine gefälschte Seite kann Ihnen etwas entlocken.",
      none: "Sie haben noch keinen Passkey.",
      listTitle: "Ihre Passkeys",
      addTitle: "Einen Passkey hinzufügen",
      addHint: "Ihr Browser fragt, wo er liegen soll: auf diesem Gerät, in einem Passwortmanager " +
        "oder auf einem Sicherheitsschlüssel.",
      add: "Passkey hinzufügen",
      full: "Sie haben 20 Passkeys, mehr geht nicht. Entfernen Sie einen, den Sie nicht mehr " +
        "verwenden.",
      added: "Hinzugefügt am {date}",
      lastUsed: "Zuletzt verwendet am {date}",
      neverUsed: "Noch nicht verwendet",
      synced: "Synchronisiert",
      oneDevice: "Auf einem Gerät",
      copied: "Vielleicht kopiert",
      copiedHint: "Er wurde am {date} abgewiesen, weil er rückwärts gezählt hat. Fügen Sie einen " +
        "anderen Passkey hinzu und entfernen Sie diesen dann.",
      change: "Ändern",
      recoveryHint: "Mit Wiederherstellungscodes kommen Sie wieder hinein, wenn Sie keinen Ihrer " +
        "Passkeys zur Hand haben.",
      recoveryLink: "Wiederherstellungscodes anlegen",
      factsTitle: "Was darüber bekannt ist",
      renameTitle: "Einen anderen Namen geben",
      name: "Name",
      nameHint: "1 bis 64 Zeichen. Am besten sagt der Name, wo der Passkey liegt.",
      save: "Namen speichern",
      removeTitle: "Entfernen",
      removeHint:
        "Danach kann sich niemand mehr mit ihm anmelden. Wo er liegt, bleibt er, bis Sie " +
        "ihn dort löschen.",
      remove: "Passkey entfernen",
      lastWayIn: "Ohne ihn könnten Sie sich nicht mehr anmelden. Fügen Sie erst einen anderen " +
        "Passkey oder ein Passwort hinzu, dann können Sie ihn entfernen.",
      back: "Alle Passkeys",
      errors: {
        name: "Geben Sie einen Namen mit 1 bis 64 Zeichen ein.",
        expired:
          "Das hat zu lange gedauert oder wurde schon einmal gesendet. Bitte fügen Sie den " +
          "Passkey noch einmal hinzu.",
        invalid: "Was Ihr Gerät gesendet hat, war nicht zu gebrauchen. Versuchen Sie es noch " +
          "einmal, vielleicht mit einem anderen.",
        known: "Dieser Passkey ist schon registriert.",
        full: "Sie haben 20 Passkeys, mehr geht nicht. Entfernen Sie erst einen.",
        last_way_in: "Nur mit ihm können Sie sich anmelden, deshalb wurde er nicht entfernt.",
      },
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
      password_common: "Dieses Passwort gehört zu den häufigsten, die zuerst geraten werden. " +
        "Wählen Sie ein anderes.",
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
      password_common: "Dieses Passwort gehört zu den häufigsten, die zuerst geraten werden. " +
        "Wählen Sie ein anderes.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
    },
    doneTitle: "Ihr Passwort gilt",
    done: "Sie sind auf allen Geräten abgemeldet. Gehen Sie zurück zur App und melden Sie sich " +
      "mit dem neuen Passwort an.",
  },
  secondFactor: {
    title: "Noch ein Schritt",
    lead: "Geben Sie den Code ein, den Ihre Authenticator-App gerade zeigt.",
    recoveryLead: "Geben Sie einen Ihrer Wiederherstellungscodes ein. Er gilt einmal.",
    code: "Code",
    codeHint: "Sechs Ziffern.",
    recoveryCode: "Wiederherstellungscode",
    submit: "Anmelden",
    useRecoveryCode: "Stattdessen einen Wiederherstellungscode verwenden",
    useApp: "Stattdessen die Authenticator-App verwenden",
    noneLeft: "Weder App noch Code zur Hand? Dann können nur die Betreiber dieser Website " +
      "helfen: Sie können die App aus Ihrem Konto entfernen.",
    restart: "Als jemand anderes beginnen",
    signOut: "Abmelden",
    errors: {
      missing: "Geben Sie den Code ein.",
      wrong_code: "Dieser Code gilt gerade nicht oder wurde schon benutzt. Warten Sie, bis die " +
        "App den nächsten zeigt.",
      wrong_recovery_code: "Das ist keiner Ihrer Wiederherstellungscodes, oder er wurde schon " +
        "benutzt.",
      too_many_attempts: "Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es " +
        "dann noch einmal.",
    },
  },
  signInHelp: {
    title: "Passkey oder App nicht zur Hand?",
    lead: "Für fast alle gibt es einen anderen Weg.",
    passkeyTitle: "Ihr Passkey ist verloren",
    passkey:
      "Melden Sie sich mit Ihrem Passwort an oder mit einem Link, den wir an die bestätigte " +
      "Adresse Ihres Kontos schicken. Entfernen Sie dann in Ihrem Konto den verlorenen Passkey " +
      "und fügen Sie einen neuen hinzu.",
    appTitle: "Ihre Authenticator-App ist verloren",
    app: "Melden Sie sich an wie sonst. Wenn nach dem Code der App gefragt wird, verwenden Sie " +
      "einen Wiederherstellungscode. Richten Sie die App danach in Ihrem Konto neu ein.",
    passwordTitle: "Ihr Passwort ist vergessen",
    password: "Wählen Sie ein neues mit einem Link, der per Mail kommt. Haben Sie eine " +
      "Authenticator-App, wird weiterhin nach deren Code gefragt.",
    nothingTitle: "Nichts davon geht",
    nothing: "Wenden Sie sich an die Betreiber dieser Website. Sie können eine Authenticator-App " +
      "entfernen und ein Passwort setzen.",
    passwordLink: "Ein neues Passwort wählen",
    back: "Zurück zur Anmeldung",
  },
  security: {
    title: "Sicherheit",
    lead: "Wie Sie sich anmelden, und wie Sie wieder hineinkommen.",
    ways: "Wege zur Anmeldung",
    password: "Passwort",
    passwordSet: "Sie können sich mit einem Passwort anmelden.",
    passwordNone: "Sie haben kein Passwort.",
    passwordChange: "Passwort ändern",
    passwordAdd: "Passwort setzen",
    passkeys: "Passkeys",
    passkeysOne: "Sie haben einen Passkey.",
    passkeysMany: "Sie haben {count} Passkeys.",
    passkeysNone: "Sie haben keinen Passkey. Damit melden Sie sich am sichersten an, und am " +
      "einfachsten.",
    passkeysManage: "Passkeys verwalten",
    app: "Authenticator-App",
    appSet: "Wer sich ohne Passkey anmeldet, braucht auch einen Code Ihrer App.",
    appNone: "Mit einer App öffnet ein gestohlenes Passwort allein nichts.",
    appAdd: "App einrichten",
    appManage: "App verwalten",
    codes: "Wiederherstellungscodes",
    codesLeft: "Von {all} Codes sind noch {count} übrig.",
    codesFew: "Nur noch wenige",
    codesNone: "Sie haben keine.",
    codesManage: "Wiederherstellungscodes verwalten",
    on: "Aktiv",
    lastWay: "Ein Weg zur Anmeldung bleibt immer: Der letzte Passkey lässt sich nur entfernen, " +
      "wenn Sie ein Passwort haben, und das Passwort nur, wenn Sie einen Passkey haben. Ein Link " +
      "per Mail führt zurück ins Konto, ist aber nichts, worauf man sich verlassen sollte.",
  },
  authenticatorApp: {
    title: "Authenticator-App",
    lead: "Scannen Sie das Bild mit einer Authenticator-App und geben Sie ein, was die App zeigt.",
    setUp: "App einrichten",
    qr: "QR-Code mit dem Schlüssel, der darunter als Text steht",
    secret: "Oder tippen Sie diesen Schlüssel in die App",
    secretHint: "Zeitbasiert, sechs Ziffern, alle 30 Sekunden. Behalten Sie ihn für sich.",
    code: "Code, den die App zeigt",
    submit: "Einschalten",
    missing: "Geben Sie die sechs Ziffern ein, die die App zeigt.",
    wrong: "Dieser Code gilt gerade nicht. Prüfen Sie die Uhr Ihres Geräts und geben Sie den " +
      "Code ein, den die App jetzt zeigt.",
    setTitle: "Ihre App ist eingerichtet",
    set: "Seit dem {date} braucht, wer sich ohne Passkey anmeldet, auch einen Code Ihrer App.",
    remove: "App entfernen",
    removeTitle: "Authenticator-App entfernen?",
    removeLead: "Danach wird bei der Anmeldung nicht mehr nach einem Code gefragt.",
    removeHint: "Für ein neues Telefon entfernen Sie die App hier und richten sie neu ein.",
  },
  recoveryCodes: {
    title: "Wiederherstellungscodes",
    lead: "Für den Tag, an dem Ihr Telefon oder Ihr Passkey verloren geht. Jeder gilt einmal.",
    left: "Noch {count} von {all} sind übrig, erstellt am {date}.",
    none: "Sie haben noch keine Wiederherstellungscodes. Erstellen Sie jetzt welche, damit ein " +
      "verlorenes Gerät Sie nicht aussperrt.",
    useless: "Wiederherstellungscodes brauchen Sie erst, wenn Sie einen Passkey oder eine " +
      "Authenticator-App haben.",
    added: "Ihre Authenticator-App ist eingerichtet.",
    make: "Wiederherstellungscodes erstellen",
    makeNew: "Neue Codes erstellen",
    makeNewHint: "Neue Codes ersetzen alle früheren.",
    madeTitle: "Ihre Wiederherstellungscodes",
    madeLead: "Drucken Sie sie jetzt aus oder schreiben Sie sie auf: Sie werden nicht noch " +
      "einmal gezeigt.",
    list: "Wiederherstellungscodes",
    download: "Als Datei speichern",
    file: "Wiederherstellungscodes von {username} bei {host}. Jeder gilt einmal.",
    done: "Ich habe sie aufbewahrt",
  },
  accountPassword: {
    title: "Passwort",
    changeLead:
      "Auf allen anderen Geräten werden Sie abgemeldet, und Apps müssen Sie neu anmelden.",
    username: "Benutzername",
    current: "Jetziges Passwort",
    password: "Neues Passwort",
    passwordHint: "8 bis 128 Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen.",
    passwordRepeat: "Neues Passwort, noch einmal",
    change: "Passwort ändern",
    set: "Passwort setzen",
    remove: "Passwort entfernen",
    removeTitle: "Passwort entfernen?",
    removeLead: "Danach melden Sie sich mit Ihren Passkeys an. Auf allen anderen Geräten werden " +
      "Sie abgemeldet.",
    keepOne: "Das Passwort lässt sich entfernen, sobald Sie einen Passkey haben.",
    changed: "Ihr Passwort ist gesetzt.",
    errors: {
      current: "Das ist nicht Ihr jetziges Passwort.",
      password: "Geben Sie ein Passwort mit 8 bis 128 Zeichen ein.",
      password_common: "Dieses Passwort gehört zu den häufigsten, die zuerst geraten werden. " +
        "Wählen Sie ein anderes.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
      too_many_attempts: "Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es " +
        "dann noch einmal.",
    },
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
    asker: {
      both: "Die Anfrage kam mit {browser} von der Adresse {address}.",
      browser: "Die Anfrage kam mit {browser}.",
      address: "Die Anfrage kam von der Adresse {address}.",
      browserOn: "{browser} unter {system}",
    },
    forClient: "Danach geht es weiter zu {client}.",
    magicLink: {
      subject: "Bei {host} anmelden",
      asked: "Jemand, vielleicht Sie, hat einen Link angefordert, um sich mit dem Konto " +
        "{username} bei {host} anzumelden.",
      link: "Anmelden",
      once: "Der Link gilt einmal und 15 Minuten lang, und zwar in dem Browser, in dem er " +
        "angefordert wurde. Überall sonst zeigt er einen Code, den Sie dort eingeben.",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun: Ohne diesen Link kommt so niemand " +
        "hinein. Geben Sie weder ihn noch einen Code daraus jemandem, der danach fragt.",
    },
    emailCode: {
      subject: "{code} ist Ihr Code für {host}",
      asked: "Jemand, vielleicht Sie, hat einen Code angefordert, um sich mit dem Konto " +
        "{username} bei {host} anzumelden. Der Code lautet:",
      once: "Er gilt einmal und 5 Minuten lang, auf der Seite, auf der er angefordert wurde.",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun. Nennen Sie diesen Code niemandem, wer " +
        "auch immer danach fragt: Wir tun es nie.",
    },
    signUp: {
      subject: "Ihr Konto bei {host} anlegen",
      asked: "Jemand, vielleicht Sie, hat diese Adresse eingegeben, um ein Konto bei {host} " +
        "anzulegen.",
      link: "Konto anlegen",
      once: "Der Link gilt einmal und eine Stunde lang.",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun: Ohne diesen Link entsteht kein Konto.",
    },
    accountExists: {
      subject: "Sie haben schon ein Konto bei {host}",
      asked: "Jemand, vielleicht Sie, hat diese Adresse eingegeben, um ein Konto bei {host} " +
        "anzulegen. Es gibt aber schon eines; sein Benutzername ist {username}.",
      signIn: "Um es zu nutzen, gehen Sie zurück zu der Seite, auf der Sie begonnen haben, und " +
        "melden Sie sich dort an; das geht auch mit einem Link per E-Mail. Haben Sie das " +
        "Passwort vergessen, wählen Sie ein anderes:",
      link: "Ein neues Passwort wählen",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun: Es hat sich nichts geändert.",
    },
    invitation: {
      subject: "Sie sind zu {host} eingeladen",
      invited: "Jemand, der {host} verwaltet, lädt Sie ein, dort ein Konto anzulegen.",
      link: "Einladung annehmen",
      once: "Der Link gilt einmal, bis {until}.",
      notYou: "Wissen Sie nicht, worum es geht, müssen Sie nichts tun: Ohne diesen Link entsteht " +
        "kein Konto.",
    },
    addressChange: {
      subject: "Ihre neue Adresse bei {host} bestätigen",
      asked: "Jemand, vielleicht Sie, möchte diese E-Mail-Adresse für das Konto {username} bei " +
        "{host} verwenden.",
      link: "Adresse bestätigen",
      once: "Der Link gilt einmal und eine Stunde lang. Bis dahin gilt die bisherige Adresse.",
      notYou: "Waren Sie es nicht, müssen Sie nichts tun: Ohne diesen Link ändert sich nichts.",
    },
    addressChangeAsked: {
      subject: "Ihre E-Mail-Adresse bei {host} soll geändert werden",
      asked: "Jemand, vielleicht Sie, möchte diese E-Mail-Adresse des Kontos {username} bei " +
        "{host} ersetzen. Sie gilt weiter, bis die neue bestätigt ist.",
      notYou: "Waren Sie es nicht, hat jemand anderes Ihr Konto benutzt. Wählen Sie ein anderes " +
        "Passwort; das meldet alle Geräte ab und beendet diese Änderung:",
      link: "Ein anderes Passwort wählen",
    },
    accountNotice: {
      notYou: "Waren Sie es, müssen Sie nichts tun. Wenn nicht, hat jemand anderes Ihr Konto " +
        "benutzt: Wählen Sie ein anderes Passwort, das meldet alle Geräte ab, und sehen Sie Ihr " +
        "Konto durch.",
      link: "Das Konto ansehen",
      reasons: {
        passkey_added: {
          subject: "Zu Ihrem Konto bei {host} kam ein Passkey hinzu",
          what: "Zum Konto {username} bei {host} wurde der Passkey „{about}“ hinzugefügt. Wer " +
            "ihn hat, kann sich anmelden.",
        },
        passkey_removed: {
          subject: "Ein Passkey Ihres Kontos bei {host} wurde entfernt",
          what: "Der Passkey „{about}“ des Kontos {username} bei {host} wurde entfernt. Mit ihm " +
            "kann sich niemand mehr anmelden.",
        },
        passkey_copied: {
          subject: "Ein Passkey Ihres Kontos bei {host} wurde vielleicht kopiert",
          what: "Der Passkey „{about}“ des Kontos {username} bei {host} wurde abgewiesen, weil " +
            "er rückwärts gezählt hat, wie es nach einer Kopie geschieht. Entfernen Sie ihn und " +
            "fügen Sie einen anderen hinzu.",
        },
        authenticator_app_on: {
          subject: "Eine Authenticator-App schützt Ihr Konto bei {host}",
          what: "Für das Konto {username} bei {host} wurde eine Authenticator-App eingerichtet. " +
            "Zur Anmeldung gehört jetzt einer ihrer Codes.",
        },
        authenticator_app_off: {
          subject: "Die Authenticator-App Ihres Kontos bei {host} wurde entfernt",
          what: "Die Authenticator-App des Kontos {username} bei {host} wurde entfernt. Die " +
            "Anmeldung braucht keinen Code mehr.",
        },
        recovery_codes_made: {
          subject: "Neue Wiederherstellungscodes für Ihr Konto bei {host}",
          what:
            "Für das Konto {username} bei {host} gibt es neue Wiederherstellungscodes. Ältere " +
            "gelten nicht mehr.",
        },
        recovery_code_used: {
          subject: "Ein Wiederherstellungscode Ihres Kontos bei {host} wurde benutzt",
          what: "Jemand hat sich beim Konto {username} bei {host} mit einem " +
            "Wiederherstellungscode angemeldet. Dieser Code gilt nicht noch einmal.",
        },
        password_set: {
          subject: "Das Passwort Ihres Kontos bei {host} wurde geändert",
          what: "Das Passwort des Kontos {username} bei {host} wurde auf der Kontoseite geändert.",
        },
        password_removed: {
          subject: "Das Passwort Ihres Kontos bei {host} wurde entfernt",
          what: "Das Passwort des Kontos {username} bei {host} wurde entfernt. Mit ihm kann sich " +
            "niemand mehr anmelden.",
        },
        address_changed: {
          subject: "Ihre E-Mail-Adresse bei {host} wurde geändert",
          what: "Das Konto {username} bei {host} hat jetzt eine andere E-Mail-Adresse. Diese " +
            "hier wird nicht mehr verwendet.",
        },
      },
    },
  },
  account: {
    title: "Ihr Konto",
    signedInAs: "Angemeldet als {name}",
    signOut: "Abmelden",
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
