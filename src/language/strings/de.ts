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
    formRefused: {
      outdated:
        "Diese Seite war veraltet, daher wurde nichts gesendet. Bitte füllen Sie das Formular noch einmal aus.",
      interrupted:
        "Sie mussten sich erst noch einmal anmelden, daher wurde nicht angenommen, was Sie " +
        "gesendet haben. Falls es noch nicht geschehen ist, senden Sie es bitte noch einmal.",
    },
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
      applications: "Apps",
      activity: "Aktivität",
      data: "Ihre Daten",
    },
  },
  login: {
    title: "Anmelden",
    documentTitle: "Bei {client} anmelden",
    lead: "um mit {client} fortzufahren",
    ownLead: "um zu Ihrem Konto zu kommen",
    username: "Benutzername oder E-Mail",
    password: "Passwort",
    submit: "Anmelden",
    continueAs: "Weiter als {name}",
    anotherAccount: "Anderes Konto verwenden",
    help: "Probleme beim Anmelden?",
    forgotten: "Passwort vergessen?",
    byMail: "Mit E-Mail anmelden",
    createAccount: "Ein Konto anlegen",
    reauthenticateTitle: "Bestätigen Sie, dass Sie es sind",
    reauthenticateLead: "{client} fragt noch einmal nach Ihrem Passwort, bevor es weitergeht.",
    ownReauthenticateLead:
      "Gleich geht es um etwas Heikles, und Ihre Anmeldung liegt schon eine Weile zurück.",
    errors: {
      wrong_credentials:
        "Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
      missing_username: "Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.",
      missing_password: "Geben Sie Ihr Passwort ein.",
      too_many_attempts: "Zu viele Versuche. Warten Sie ein paar Minuten.",
      account_changed:
        "Inzwischen hat sich hier jemand anderes angemeldet oder abgemeldet. Es ist " +
        "nichts geschehen: Bitte wählen Sie noch einmal.",
    },
  },
  passkeys: {
    signIn: "Mit Passkey anmelden",
    unsupported: "Passkeys brauchen JavaScript und einen Browser, der sie kennt. Dieser bietet " +
      "nicht beides.",
    step: {
      title: "Verwenden Sie Ihren Passkey",
      lead: "{client} möchte genauer wissen, dass Sie es sind.",
      ownLead: "Die Seite, die Sie geöffnet haben, möchte genauer wissen, dass Sie es sind.",
      signedInAs: "Sie sind als {name} angemeldet.",
      button: "Passkey verwenden",
      recoveryCode: "Wiederherstellungscode verwenden",
      elsewhere: "Liegt er auf einem anderen Gerät oder einem Sicherheitsschlüssel? Ihr Browser " +
        "bietet an, dort nachzusehen.",
      lost: "Ist er verloren? Entfernen Sie ihn aus Ihrem Konto und fügen Sie einen neuen hinzu. " +
        "Gehen Sie dann zurück zur App und melden Sie sich von dort noch einmal an.",
      manage: "Passkeys Ihres Kontos",
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
    failuresAt: {
      step: {
        cancelled: "Es wurde kein Passkey verwendet. Vielleicht haben Sie abgebrochen, oder auf " +
          "diesem Gerät ist keiner für diese Website. Versuchen Sie es noch einmal, oder lesen Sie " +
          "unten, was ohne ihn geht.",
        other: "Das hat nicht geklappt, und Ihr Browser sagt nicht, warum. Versuchen Sie es noch " +
          "einmal, oder lesen Sie unten, was ohne Passkey geht.",
      },
      registration: {
        waiting: "Ihr Browser fragt, wo der Passkey liegen soll.",
        cancelled:
          "Es wurde kein Passkey angelegt. Vielleicht haben Sie abgebrochen, oder dieses " +
          "Gerät kann keinen aufbewahren. Versuchen Sie es noch einmal, oder wählen Sie einen " +
          "anderen Ort dafür, zum Beispiel Ihr Telefon.",
        other: "Das hat nicht geklappt, und Ihr Browser sagt nicht, warum. Versuchen Sie es noch " +
          "einmal, oder wählen Sie einen anderen Ort für den Passkey, zum Beispiel Ihr Telefon.",
      },
    },
    refused: {
      passkey_refused: "Dieser Passkey wurde nicht angenommen. Verwenden Sie einen anderen oder " +
        "melden Sie sich auf anderem Weg an.",
      passkey_expired: "Das hat zu lange gedauert oder wurde schon einmal gesendet. Bitte " +
        "verwenden Sie Ihren Passkey noch einmal.",
      passkey_unverified: "Ihr Passkey muss prüfen, dass Sie es sind: mit Fingerabdruck, Gesicht " +
        "oder PIN. Richten Sie das auf Ihrem Gerät ein oder verwenden Sie einen anderen Passkey.",
    },
    refusedAtStep:
      "Dieser Passkey wurde nicht angenommen. Verwenden Sie einen anderen, oder lesen " +
      "Sie unten, was ohne ihn geht.",
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
      signOut: "Mich auch überall sonst abmelden",
      signOutHint:
        "Wer angemeldet ist, bleibt es auch ohne den Passkey: Kreuzen Sie das an, wenn das Gerät mit " +
        "ihm verloren ist. Apps, die verbunden bleiben dürfen, behalten das; entziehen Sie es ihnen " +
        "unter Apps.",
      remove: "Passkey entfernen",
      notices: {
        removed: "Der Passkey ist entfernt.",
        signed_out: "Der Passkey ist entfernt, und Sie sind überall sonst abgemeldet.",
      },
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
    documentHost: "Kein Administrator hat diese App eingetragen. Sie gehört zu",
    selfRegistered: "Kein Administrator hat diese App eingetragen oder ihren Namen geprüft.",
    loopbackOnly:
      "Sie läuft auf Ihrem eigenen Gerät, und ein anderes Programm dort könnte sich für sie ausgeben. Fahren Sie nur fort, wenn Sie sie gerade selbst gestartet haben.",
    destination: "Wie auch immer Sie entscheiden, es geht zurück zu",
    allow: "Erlauben",
    deny: "Nicht erlauben",
    policy: "Datenschutzerklärung",
    terms: "Nutzungsbedingungen",
    website: "Website",
    aboutClient: "Über {client}",
    customClaims: "Sehen, was hier sonst noch in Ihrem Profil steht",
    also: "Außerdem:",
    resourceTitle: "{scope} bei {resource} verwenden",
    detailAt: "Bei {resource}",
    truth: { true: "Ja", false: "Nein" },
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
      groups: {
        title: "Sehen, zu welchen Gruppen Sie gehören",
        detail: "Deren Namen, wie Ihre Organisation sie vergeben hat.",
      },
      device_sso: {
        title: "Sie in seinen anderen Apps auf diesem Gerät anmelden",
        detail: "Bis Sie sich abmelden. Ein Passwort brauchen Sie dort nicht.",
      },
      offline_access: {
        title: "Verbunden bleiben, auch wenn Sie die App nicht benutzen",
        detail: "Der Zugriff bleibt, bis Sie ihn zurücknehmen.",
      },
    },
  },
  noAccess: {
    title: "Sie dürfen {client} nicht benutzen",
    documentTitle: "Sie dürfen {client} nicht benutzen",
    signedInAs: "Angemeldet als {name}",
    why: {
      group:
        "Nur Mitglieder bestimmter Gruppen dürfen {client} benutzen, und Ihr Konto gehört zu keiner " +
        "davon. Wenn Sie die App brauchen, fragen Sie die Stelle, die Ihr Konto verwaltet.",
      sign_in:
        "{client} verlangt ein anderes Konto oder eine Art der Anmeldung, die Ihr Konto nicht " +
        "hat, zum Beispiel einen Passkey.",
    },
    back: "Zurück zu {client}",
  },
  device: {
    title: "Gerät verbinden",
    lead: "Geben Sie den Code ein, den Ihr Gerät zeigt.",
    compare: "Zeigt Ihr Gerät diesen Code? Wenn nicht, brechen Sie hier ab.",
    code: "Code",
    codeHint: "Acht Buchstaben, zum Beispiel WDJB-MJHT.",
    submit: "Weiter",
    errors: {
      missing: "Geben Sie die acht Buchstaben ein, die Ihr Gerät zeigt.",
      wrong: "Mit diesem Code wartet kein Gerät. Vergleichen Sie ihn mit Ihrem Gerät. Stimmt er, " +
        "ist er abgelaufen: Beginnen Sie am Gerät noch einmal.",
      too_many_attempts: "Zu viele falsche Codes. Versuchen Sie es in einigen Minuten noch einmal.",
    },
    confirmTitle: "{client} mit Ihrem Konto verbinden?",
    sameCode: "Ihr Gerät muss diesen Code zeigen:",
    warning:
      "Fahren Sie nur fort, wenn Sie dies an Ihrem eigenen Gerät begonnen haben. Hat Ihnen jemand " +
      "den Code oder einen Link geschickt, will er in Ihr Konto.",
    allow: "Erlauben",
    deny: "Nicht erlauben",
    allowed: {
      title: "Ihr Gerät ist verbunden",
      lead: "{client} macht an Ihrem Gerät gleich weiter. Sie können diese Seite schließen.",
    },
    denied: {
      title: "Ihr Gerät wurde nicht verbunden",
      lead: "{client} bekommt nichts von Ihrem Konto. Sie können diese Seite schließen.",
    },
    applications: "Apps in Ihrem Konto",
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
    apps: "Apps, die Sie mit dieser Sitzung geöffnet haben",
    told: "{client} weiß Bescheid.",
    asked: "{client} erfährt es durch Ihren Browser.",
    waiting: "{client} hat noch nicht geantwortet. Es wird weiter versucht.",
    failed: "{client} konnte es nicht erfahren. Melden Sie sich auch dort ab.",
    goingBack: "Es geht zurück zu {client}.",
    goBack: "Weiter",
    unchecked: "Kein Administrator hat die App geprüft, von der Sie kommen. Sie führt weiter zu",
  },
  pressedTwice: {
    title: "Schon geschehen",
    lead: "Sie haben den Knopf zweimal gedrückt. Beim ersten Mal ist es geschehen.",
    next: "Weiter",
  },
  formPost: {
    title: "Einen Moment",
    lead: "Es geht zurück zu {client}.",
    noScript: "Wenn nichts geschieht, drücken Sie den Knopf.",
    submit: "Weiter",
  },
  error: {
    whatNext: "Was Sie tun können",
    ways: {
      signIn: "Anmelden",
      again: "Noch einmal versuchen",
      start: "Startseite",
      security: "Sicherheit in Ihrem Konto",
      newCode: "Einen anderen Code eingeben",
      ownAddress: "{address} öffnen",
      newLink: "Neuen Link anfordern",
      signOut: "Abmelden",
    },
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
      opened_ahead: {
        title: "Laden Sie diese Seite neu",
        what:
          "Ihr Browser hat diese Seite geöffnet, bevor Sie es wollten. Wir haben noch nichts getan.",
        fault: "Sie haben nichts falsch gemacht.",
        next: "Laden Sie die Seite neu, um fortzufahren.",
      },
      form_refused: {
        title: "Wir konnten dieses Formular nicht annehmen",
        what: "Es kam nicht von unserer eigenen Seite, oder die Seite war veraltet.",
        fault: "Das kann geschehen, wenn eine Seite lange geöffnet war.",
        next: "Gehen Sie zurück zur App und beginnen Sie von vorn.",
      },
      no_cookies: {
        title: "Ihr Browser hat kein Cookie gesendet",
        what:
          "Diese Seiten erkennen an einem Cookie, dass ein Formular aus dem Browser kommt, der " +
          "es geöffnet hat. Dieses kam ohne Cookie, und wir haben damit nichts getan.",
        fault:
          "Vielleicht sind Cookies gesperrt, oder sie wurden gelöscht, während die Seite offen " +
          "war.",
        next:
          "Erlauben Sie in Ihrem Browser Cookies für diese Website, und versuchen Sie es dann " +
          "noch einmal.",
      },
      other_address: {
        title: "Diese Seite wurde unter einer anderen Adresse geöffnet",
        what: "Diese Website funktioniert nur unter einer Adresse, und Sie haben sie unter einer " +
          "anderen geöffnet. Wir haben mit dem Formular nichts getan.",
        fault: "Sie haben nichts falsch gemacht.",
        next: "Öffnen Sie die Website unter ihrer eigenen Adresse, oder gehen Sie zurück zur App " +
          "und beginnen Sie von vorn.",
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
        what: "Er wurde schon benutzt, ist älter als 10 Minuten oder durch einen späteren ersetzt.",
        fault: "Wenn Sie damit gerade ein neues Passwort gewählt haben, ist alles gut: Es gilt.",
        next: "Melden Sie sich dann von der App aus an. Sonst fordern Sie auf der Seite, von der " +
          "dieser Link kam, einen neuen an.",
      },
      sign_in_link_dead: {
        title: "Dieser Anmeldelink gilt nicht",
        what: "Er wurde schon benutzt, ist älter als 10 Minuten oder unvollständig.",
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
      sign_up_link_dead: {
        title: "Dieser Link zum Anlegen eines Kontos gilt nicht",
        what: "Er wurde schon benutzt, ist älter als 10 Minuten, oder er ist unvollständig.",
        fault: "Wenn Sie damit gerade Ihr Konto angelegt haben, ist alles gut: Es ist angelegt.",
        next:
          "Melden Sie sich dann von der App aus an. Sonst beginnen Sie neu auf der Seite, auf " +
          "der Sie Ihre Adresse eingegeben haben.",
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
      device_code_dead: {
        title: "Dieser Code gilt nicht mehr",
        what: "Er ist abgelaufen oder wurde in einem anderen Fenster beantwortet.",
        fault: "Sie haben nichts falsch gemacht.",
        next: "Fragt Ihr Gerät noch danach, beginnen Sie dort noch einmal; Sie bekommen einen " +
          "neuen Code.",
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
      form_address: {
        title: "Diese Seite ist die Antwort auf ein Formular",
        what: "Ihre Adresse allein sagt nicht, was in dem Formular stand, deshalb gibt es hier " +
          "nichts zu sehen.",
        fault: "Sie haben nichts falsch gemacht, und durch das Öffnen hat sich nichts geändert.",
        next:
          "Gehen Sie in Ihrem Browser zurück zu der Seite mit dem Formular. Sind Sie durch einen " +
          "Link aus einer Mail gekommen, öffnen Sie ihn noch einmal: Er gilt noch.",
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
      "Antwort zurück, die die App prüfen kann.",
    accountLink: "Ihr Konto",
    issuer: "Aussteller",
    discovery: "Discovery-Dokument",
    tryTitle: "Ausprobieren",
    tryLead: "Die Demo ist eine kleine App, die sich über dieselben Endpunkte anmeldet wie jede " +
      "andere und jede Anfrage auf dem Weg zeigt.",
    tryLink: "Demo-App öffnen",
    mailLink: "Mails, die verschickt worden wären",
    peopleTitle: "Personen zum Anmelden",
    peopleLead:
      "Für die Entwicklung angelegt, als dieser Server zum ersten Mal startete, mit dem " +
      "Passwort, das sie haben.",
    passwords: { none: "kein Passwort", changed: "ein anderes Passwort, seither gewählt" },
    setupTitle: "Noch nicht eingerichtet",
    setupLead:
      "Noch verwaltet niemand diesen Server. Im Log des Servers steht ein einmaliger Link " +
      "zur Einrichtung; öffnen Sie ihn, um die erste Verwalterin oder den ersten Verwalter anzulegen.",
  },
  setup: {
    title: "Das erste Konto anlegen",
    lead: "Auf diesem Server hat noch niemand ein Konto. Diese Seite legt das erste an, einmal; " +
      "es verwaltet den Server.",
    email: "E-Mail (freiwillig)",
    doneTitle: "Das Konto ist angelegt",
    done: "Sie verwalten jetzt diesen Server. Der Link zur Einrichtung gilt nicht mehr.",
  },
  passwordReset: {
    title: "Ein neues Passwort wählen",
    lead: "Wir senden Ihnen einen Link an die Adresse, die für Ihr Konto bestätigt ist.",
    username: "Benutzername oder E-Mail",
    submit: "Link senden",
    missing: "Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.",
    sentTitle: "Sehen Sie in Ihr Postfach",
    sent:
      "Wenn es zu Ihrer Eingabe ein Konto gibt, ist eine Mail mit einem Link unterwegs dorthin.",
    sentHint: "Der Link gilt 10 Minuten. Kommt keine Mail an, sehen Sie unter den unerwünschten " +
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
    passkey: "Stattdessen einen Passkey anlegen",
    passkeyHint:
      "Ihr altes Passwort wird entfernt. Sie melden sich dann so an, wie Sie Ihr Gerät entsperren.",
    errors: {
      password: "Geben Sie ein Passwort mit 8 bis 128 Zeichen ein.",
      password_common:
        "Dieses Passwort wird zuerst geraten: Es ist häufig oder Ihr eigener Name. " +
        "Wählen Sie ein anderes.",
      password_same: "Wählen Sie ein anderes Passwort als das, das man Ihnen gegeben hat: Jemand " +
        "anderes kennt es.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
    },
    doneTitle: "Ihr Passwort gilt",
    done: "Sie sind auf allen Geräten abgemeldet. Gehen Sie zurück zur App und melden Sie sich " +
      "mit dem neuen Passwort an.",
    passkeyDoneTitle: "Ihr Passkey ist eingerichtet",
    passkeyDone: "Ihr altes Passwort gilt nicht mehr, und Sie sind auf allen Geräten abgemeldet. " +
      "Gehen Sie zurück zur App und melden Sie sich mit dem Passkey an.",
  },
  secondFactor: {
    title: "Noch ein Schritt",
    lead: "Geben Sie den Code ein, den Ihre Authenticator-App gerade zeigt.",
    recoveryLead: "Geben Sie einen Ihrer Wiederherstellungscodes ein. Er gilt einmal.",
    code: "Code",
    codeHint: "Sechs Ziffern.",
    recoveryCode: "Wiederherstellungscode",
    submit: "Anmelden",
    useRecoveryCode: "Wieder\u00adherstellungs\u00adcode verwenden",
    useApp: "Authenticator-App verwenden",
    usePasskey: "Passkey verwenden",
    noneLeft: "Nichts davon zur Hand? Dann können nur die Betreiber dieser Website helfen: Sie " +
      "können die App aus Ihrem Konto entfernen.",
    restart: "Als jemand anderes beginnen",
    signOut: "Abmelden",
    errors: {
      missing: "Geben Sie den Code ein.",
      wrong_code: "Dieser Code gilt gerade nicht oder wurde schon benutzt. Warten Sie, bis die " +
        "App den nächsten zeigt. Wird auch der abgelehnt, prüfen Sie die Uhr des Geräts mit der App.",
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
      "einen Wiederherstellungscode oder, wenn Sie einen haben, einen Passkey. Richten Sie die App danach in Ihrem Konto neu ein.",
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
    codesManage: "Wieder\u00adherstellungs\u00adcodes verwalten",
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
    title: "Wieder\u00adherstellungs\u00adcodes", // breaks there where it has to
    lead: "Für den Tag, an dem Ihr Telefon oder Ihr Passkey verloren geht. Jeder gilt einmal.",
    left: "Noch {count} von {all} sind übrig, erstellt am {date}.",
    none: "Sie haben noch keine Wiederherstellungscodes. Erstellen Sie jetzt welche, damit ein " +
      "verlorenes Gerät Sie nicht aussperrt.",
    useless: "Wiederherstellungscodes brauchen Sie erst, wenn Sie einen Passkey oder eine " +
      "Authenticator-App haben.",
    added: "Ihre Authenticator-App ist eingerichtet.",
    make: "Wieder\u00adherstellungs\u00adcodes erstellen",
    makeNew: "Neue Codes erstellen",
    makeNewHint: "Neue Codes ersetzen alle früheren.",
    madeTitle: "Ihre Wieder\u00adherstellungs\u00adcodes",
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
      password_common:
        "Dieses Passwort wird zuerst geraten: Es ist häufig oder Ihr eigener Name. " +
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
  mailSignIn: {
    title: "Mit E\u2011Mail anmelden",
    explain: "Wir schreiben an die Adresse Ihres Kontos. Wählen Sie, was die Mail bringen soll.",
    email: "E-Mail-Adresse",
    sendLink: "Link senden",
    sendCode: "Code senden",
    invalid: "Geben Sie eine E-Mail-Adresse wie name@example.com ein.",
    otherWay: "Anders anmelden",
    sentTitle: "Sehen Sie in Ihr Postfach",
    sentLink: "Wenn es ein Konto mit der eingegebenen Adresse gibt, ist eine Mail mit einem Link " +
      "unterwegs dorthin. Der Link gilt 10 Minuten.",
    sentLinkHow: "Öffnen Sie ihn in diesem Browser, dann sind Sie angemeldet. Anderswo geöffnet, " +
      "zum Beispiel auf Ihrem Telefon, kann er Ihnen einen Code zeigen: Geben Sie den hier ein.",
    sentCode: "Wenn es ein Konto mit der eingegebenen Adresse gibt, ist eine Mail mit einem Code " +
      "aus 8 Buchstaben unterwegs dorthin. Der Code gilt 5 Minuten.",
    sentHint: "Kommt keine Mail an, sehen Sie unter den unerwünschten nach und prüfen Sie die " +
      "Adresse.",
    code: "Code aus 8 Buchstaben",
    submitCode: "Anmelden",
    again: "Eine neue Mail anfordern",
    errors: {
      wrong_code:
        "Dieser Code stimmt nicht oder gilt nicht mehr. Prüfen Sie, ob er aus der neuesten " +
        "Mail ist, oder fordern Sie eine weitere an.",
      missing_code: "Geben Sie die 8 Buchstaben des Codes ein.",
      too_many_attempts: "Zu viele Versuche. Warten Sie einige Minuten und fordern Sie dann eine " +
        "neue Mail an.",
    },
    confirmTitle: "Als {username} anmelden?",
    confirm: "Anmelden",
    notYou: "Haben Sie diesen Link nicht angefordert, schließen Sie diese Seite: Noch ist nichts " +
      "geschehen.",
    elsewhereTitle: "Weiter geht es, wo Sie begonnen haben",
    elsewhere: "Dieser Link wurde in einem anderen Browser angefordert und meldet Sie nur dort " +
      "an. Öffnen Sie ihn dort, oder lassen Sie sich hier einen Code zeigen, den Sie dort " +
      "eingeben.",
    elsewhereWarning:
      "Haben Sie selbst gerade eine Anmeldung begonnen? Wenn nicht, schließen Sie " +
      "diese Seite. Jemand anderes hat es getan, und der Code ließe ihn in Ihr Konto.",
    showCode: "Code zeigen",
    codeTitle: "Geben Sie diesen Code ein, wo Sie begonnen haben",
    codeLead: "Die Seite, auf der Sie die Mail angefordert haben, wartet darauf. Der Code gilt 5 " +
      "Minuten.",
    codeWarning: "Geben Sie ihn nur dort ein, wo Sie selbst begonnen haben. Nennen Sie ihn " +
      "niemandem, wer auch immer danach fragt: Wir tun es nie.",
  },
  signUp: {
    title: "Ein Konto anlegen",
    explain: "Zuerst stellen wir sicher, dass die Adresse Ihnen gehört: Dorthin kommt ein Link.",
    email: "E-Mail-Adresse",
    submit: "Link senden",
    invalid: "Geben Sie eine E-Mail-Adresse wie name@example.com ein.",
    haveAccount: "Ich habe ein Konto: anmelden",
    sentTitle: "Sehen Sie in Ihr Postfach",
    sent: "Eine Mail ist unterwegs an die eingegebene Adresse. In ihr steht, wie es weitergeht.",
    sentHint: "Ihr Link gilt 10 Minuten. Öffnen Sie ihn in diesem Browser, damit Sie dorthin " +
      "zurückkommen, wo Sie begonnen haben. Kommt keine Mail an, sehen Sie unter den " +
      "unerwünschten nach und prüfen Sie die Adresse.",
  },
  newAccount: {
    title: "Ihr Konto anlegen",
    lead: "Die Adresse {address} gehört Ihnen und wird Teil des Kontos.",
    invitedLead: "Sie sind eingeladen, ein Konto anzulegen. Die Adresse {address} wird Teil davon.",
    username: "Benutzername",
    usernameHint: "Damit melden Sie sich an. Es kann Ihre Adresse sein.",
    name: "Ihr Name",
    passkey: "Einen Passkey anlegen",
    passkeyHint:
      "Dann melden Sie sich so an, wie Sie Ihr Gerät entsperren, und müssen sich kein Passwort merken.",
    orPassword: "oder ein Passwort wählen",
    password: "Passwort",
    passwordHint:
      "8 bis 128 Zeichen. Gut sind ein paar Wörter, die nur Sie so zusammenstellen würden.",
    passwordRepeat: "Passwort, noch einmal",
    submit: "Konto anlegen",
    errors: {
      username: "Geben Sie einen Benutzernamen mit höchstens 256 sichtbaren Zeichen ein.",
      username_taken: "Diesen Benutzernamen hat schon jemand. Wählen Sie einen anderen.",
      name: "Geben Sie Ihren Namen mit höchstens 256 Zeichen ein.",
      email: "Geben Sie eine E-Mail-Adresse wie name@example.com ein, oder keine.",
      password: "Geben Sie ein Passwort mit 8 bis 128 Zeichen ein.",
      password_common:
        "Dieses Passwort wird zuerst geraten: Es ist häufig oder Ihr eigener Name. " +
        "Wählen Sie ein anderes.",
      password_repeat: "Geben Sie beide Male dasselbe Passwort ein.",
    },
    doneTitle: "Ihr Konto ist angelegt",
    done: "Gehen Sie zurück zur App, von der Sie kamen, und melden Sie sich an.",
    invitedDone: "Sie können sich jetzt anmelden.",
    toClient: "Weiter zu {client}",
    toAccount: "Zu Ihrem Konto",
  },
  addressConfirm: {
    title: "Ihre neue Adresse bestätigen",
    explain: "Ab jetzt ist {address} die E-Mail-Adresse des Kontos {username}.",
    submit: "Adresse bestätigen",
    notYou: "Haben Sie das nicht angefordert, schließen Sie diese Seite: Noch hat sich nichts " +
      "geändert.",
    takenTitle: "Diese Adresse gehört zu einem anderen Konto",
    taken: "Seit Sie den Link angefordert haben, hat jemand nachgewiesen, dass ihm diese Adresse " +
      "gehört. Ihr Konto behält die Adresse, die es hat.",
    doneTitle: "Ihre Adresse ist bestätigt",
    done: "{address} ist jetzt die E-Mail-Adresse Ihres Kontos. Der bisherigen haben wir es " +
      "mitgeteilt.",
    toAccount: "Zu Ihrem Konto",
  },
  mail: {
    signature: "Gesendet von {host}",
    signatureBranded: "Gesendet von {brand}, {host}",
    passwordReset: {
      subject: "Ein neues Passwort bei {host} wählen",
      asked: "Jemand, vielleicht Sie, hat ein neues Passwort für das Konto {username} bei {host} " +
        "angefordert.",
      link: "Ein neues Passwort wählen",
      once: "Der Link gilt einmal und 10 Minuten lang.",
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
    requester: {
      both: "Die Anfrage kam mit {browser} von der Adresse {address}.",
      browser: "Die Anfrage kam mit {browser}.",
      address: "Die Anfrage kam von der Adresse {address}.",
      browserOn: "{browser} unter {system}",
    },
    forClient: "Danach geht es weiter zu {client}.",
    forUncheckedClient: "Danach geht es weiter zu einer App, die kein Administrator geprüft hat.",
    backchannelRequest: {
      subject: "Bei {host} wartet eine Anfrage auf Sie",
      asked: "{client} bittet Sie, mit Ihrem Konto {username} bei {host} etwas zu bestätigen.",
      askedByUnchecked:
        "Eine App, die kein Administrator geprüft hat, bittet Sie, mit Ihrem Konto " +
        "{username} bei {host} etwas zu bestätigen.",
      message: "Dort heißt es: {message}",
      link: "Die Anfrage ansehen",
      until: "Sie können sie {minutes} Minuten lang in Ihrem Konto beantworten.",
      notYou:
        "Haben Sie das nicht begonnen, erlauben Sie es nicht. Wer es begonnen hat, würde in " +
        "Ihrem Namen handeln.",
    },
    magicLink: {
      subject: "Bei {host} anmelden",
      asked: "Jemand, vielleicht Sie, hat einen Link angefordert, um sich mit dem Konto " +
        "{username} bei {host} anzumelden.",
      link: "Anmelden",
      once: "Der Link gilt einmal und 10 Minuten lang, und zwar in dem Browser, in dem er " +
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
      once: "Der Link gilt einmal und 10 Minuten lang.",
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
      asked: "Jemand, vielleicht Sie, möchte diese E-Mail-Adresse für ein Konto bei {host} " +
        "verwenden. Um welches Konto es geht, steht auf der Seite hinter dem Link.",
      link: "Adresse bestätigen",
      once: "Der Link gilt einmal und 10 Minuten lang. Bis dahin gilt die bisherige Adresse.",
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
        passkey_counter: {
          subject: "Ein Passkey Ihres Kontos bei {host} hat rückwärts gezählt",
          what: "Mit dem Passkey „{about}“ des Kontos {username} bei {host} hat sich jemand " +
            "angemeldet, und er hat dabei rückwärts gezählt. Das kommt bei synchronisierten " +
            "Passkeys vor, die auf mehreren Geräten benutzt werden, und auch dann, wenn jemand " +
            "anderes eine Kopie hat. Falls Sie ihn auf keinem anderen Gerät benutzt haben, " +
            "entfernen Sie ihn und fügen Sie einen neuen hinzu.",
        },
        passkey_syncable: {
          subject: "Ein Passkey Ihres Kontos bei {host} kann synchronisiert werden",
          what: "Der Passkey „{about}“ des Kontos {username} bei {host} lag auf einem einzigen " +
            "Gerät, als Sie ihn hinzugefügt haben. Ihr Passwort-Manager kann ihn ab jetzt auf " +
            "andere Geräte kopieren.",
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
        password_set_by_administrator: {
          subject: "Die Verwaltung hat das Passwort Ihres Kontos bei {host} geändert",
          what:
            "Die Verwaltung hat dem Konto {username} bei {host} ein anderes Passwort gegeben; " +
            "damit ist es überall abgemeldet. Wählen Sie nach dem Anmelden ein eigenes.",
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
    failedSignIns: {
      subject: "Viele missglückte Anmeldungen bei Ihrem Konto bei {host}",
      password: {
        what: "Jemand hat für das Konto {username} bei {host} viele falsche Passwörter " +
          "eingegeben. Jedes wurde abgewiesen.",
        advice: "Waren Sie es, müssen Sie nichts tun. Wenn nicht: Browser, mit denen Sie sich " +
          "schon einmal angemeldet haben, funktionieren weiter. Wählen Sie ein anderes Passwort, " +
          "wenn Sie dieses auch anderswo benutzen, oder fügen Sie einen Passkey hinzu, den " +
          "niemand erraten kann.",
      },
      code: {
        what: "Jemand hat bei der Anmeldung am Konto {username} bei {host} den ersten Schritt " +
          "geschafft, also Ihr Passwort oder Ihre Mail, und dann viele falsche Codes eingegeben. " +
          "Jeder wurde abgewiesen.",
        advice: "Waren Sie es, müssen Sie nichts tun. Wenn nicht, kennt jemand anderes Ihr " +
          "Passwort oder liest Ihre Mails: Wählen Sie jetzt ein anderes Passwort, und ändern Sie " +
          "auch das Ihres Postfachs.",
      },
      link: "Ansehen, wie Sie sich anmelden",
    },
    accountDeleted: {
      subject: "Ihr Konto bei {host} ist gelöscht",
      deleted: "Das Konto {username} bei {host} wurde gerade gelöscht, mit allem, was dazu " +
        "gespeichert war. Es lässt sich nicht wiederherstellen.",
      apps: "Apps, die es genutzt haben, haben keinen Zugriff mehr. Was sie selbst gespeichert " +
        "haben, liegt bei ihnen: Fragen Sie dort nach, wenn auch das gelöscht werden soll.",
      notYou: "Waren Sie es nicht, hatte jemand anderes Zugang zu dem Konto. Wenden Sie sich an " +
        "die Betreiber von {host}.",
    },
  },
  account: {
    title: "Ihr Konto",
    overview: {
      lead: "Was hier über Sie gespeichert ist und was darauf zugreifen darf.",
      who: "Sie",
      username: "Benutzername",
      name: "Name",
      email: "E-Mail",
      emailVerified: "bestätigt",
      emailUnverified: "nicht bestätigt",
      none: "keine Angabe",
      signIn: "So melden Sie sich an",
      password: "Passwort",
      passkeys: "Passkeys",
      app: "Authenticator-App",
      recoveryCodes: "Wiederherstellungscodes",
      codesLeft: "noch {count}",
      codesUsedUp: "alle verbraucht",
      noneYet: "noch keine",
      set: "eingerichtet",
      notSet: "nicht eingerichtet",
      manage: "Anmeldung verwalten",
      editProfile: "Profil bearbeiten",
      recent: "Zuletzt",
      allActivity: "Alle Aktivitäten",
      warnings: "Das sollten Sie sich ansehen",
      warning: {
        passkeyCopied: "Einer Ihrer Passkeys wurde möglicherweise kopiert. Entfernen Sie ihn und " +
          "fügen Sie einen neuen hinzu.",
        fewCodes:
          "Sie haben nur noch wenige Wiederherstellungscodes. Erzeugen Sie neue, bevor Sie " +
          "den letzten brauchen.",
        noEmail: "Keine bestätigte E-Mail-Adresse: Ohne sie kommen Sie nicht per Mail wieder " +
          "hinein, wenn alles andere verloren ist.",
      },
    },
    profile: {
      title: "Profil",
      lead: "Apps, die Ihr Profil sehen dürfen, erhalten ab sofort, was hier steht.",
      about: "Über Sie",
      reach: "Telefon und Postanschrift",
      names: {
        name: "Vollständiger Name",
        given_name: "Vorname",
        family_name: "Nachname",
        nickname: "Spitzname",
        picture: "Adresse eines Bildes",
        website: "Website",
        birthdate: "Geburtsdatum",
        zoneinfo: "Zeitzone",
        locale: "Sprache",
        phone_number: "Telefonnummer",
        street_address: "Straße und Hausnummer",
        postal_code: "Postleitzahl",
        locality: "Ort",
        region: "Region oder Bundesland",
        country: "Land",
      },
      hints: {
        picture: "Beginnt mit https://. Apps können es anzeigen; diese Seiten laden es nicht.",
        birthdate: "Zum Beispiel 1990-12-31, oder nur das Jahr.",
        zoneinfo: "Zum Beispiel Europe/Berlin. Diese Seiten zeigen Zeiten darin an.",
        locale: "Zum Beispiel de oder de-AT.",
        phone_number: "Zum Beispiel +49 30 123456. Eine neue Nummer gilt als nicht bestätigt.",
      },
      errors: {
        name: "Geben Sie einen Namen mit höchstens 1.024 Zeichen ein.",
        given_name: "Geben Sie einen Namen mit höchstens 1.024 Zeichen ein.",
        family_name: "Geben Sie einen Namen mit höchstens 1.024 Zeichen ein.",
        nickname: "Geben Sie einen Namen mit höchstens 1.024 Zeichen ein.",
        picture: "Geben Sie eine Adresse ein, die mit https:// beginnt.",
        website: "Geben Sie eine Web-Adresse wie https://example.com ein.",
        birthdate: "Geben Sie einen Tag ein, den es gibt, wie 1990-12-31, oder nur das Jahr.",
        zoneinfo: "Geben Sie eine Zeitzone wie Europe/Berlin ein.",
        locale: "Geben Sie ein Sprachkürzel wie de oder de-AT ein.",
        phone_number: "Geben Sie eine Telefonnummer wie +49 30 123456 ein.",
        street_address: "Geben Sie eine Straße mit höchstens 1.024 Zeichen ein.",
        postal_code: "Geben Sie eine Postleitzahl mit höchstens 1.024 Zeichen ein.",
        locality: "Geben Sie einen Ort mit höchstens 1.024 Zeichen ein.",
        region: "Geben Sie eine Region mit höchstens 1.024 Zeichen ein.",
        country: "Geben Sie ein Land mit höchstens 1.024 Zeichen ein.",
      },
      save: "Profil speichern",
      saved: "Ihr Profil ist gespeichert.",
      conflictTitle: "Ihr Profil wurde inzwischen geändert",
      conflict:
        "Jemand, vielleicht Sie in einem anderen Tab, hat Ihr Profil gespeichert, seit Sie " +
        "diese Seite geöffnet haben. Ihre Eingaben sind nicht verloren: Sie stehen unten, daneben " +
        "das, was jetzt gespeichert ist. Speichern Sie noch einmal, wenn Ihre gelten sollen.",
      savedNow: "Jetzt gespeichert: {value}",
      savedNowNothing: "Jetzt gespeichert: nichts",
      own: {
        title: "Mehr über Sie",
        save: "Diese Angaben speichern",
        commas: "Mehrere durch Kommas trennen.",
        errors: {
          string: "Geben Sie höchstens 512 Zeichen ein.",
          number: "Geben Sie eine Zahl ein.",
          strings: "Geben Sie höchstens 32 Texte mit höchstens 128 Zeichen ein.",
          all: "Diese Angaben sind zusammen zu lang, oder eine ist falsch.",
        },
      },
      emailTitle: "E-Mail",
      emailNow: "Ihre Adresse ist {email}.",
      noEmail: "Sie haben hier keine E-Mail-Adresse.",
      emailUnverified: "Sie ist nicht bestätigt.",
      newEmail: "Neue E-Mail-Adresse",
      newEmailHint:
        "Wir senden einen Link dorthin. Sobald Sie ihn öffnen, gilt die neue Adresse, " +
        "und die alte wird benachrichtigt.",
      emailSent: "Ein Link ist an die neue Adresse unterwegs. Sobald Sie ihn öffnen, gilt sie.",
      wrongEmail: "Geben Sie eine E-Mail-Adresse wie name@example.com ein.",
      changeEmail: "Link senden",
    },
    sessions: {
      title: "Sitzungen",
      lead:
        "Wo Sie angemeldet sind. Endet eine Sitzung, verlieren auch Apps, die von ihr abhängen, " +
        "den Zugriff.",
      current: "Dieser Browser",
      browserOn: "{browser} auf {system}",
      unknownDevice: "Unbekanntes Gerät",
      place: {
        thisComputer: "Von diesem Computer",
        localNetwork: "Aus dem lokalen Netz",
        address: "Von {address}",
        unknown: "Von einem unbekannten Ort",
      },
      since: "Angemeldet {date}",
      sinceHow: "Angemeldet {date} mit {how}",
      lastSeen: "Zuletzt gesehen {date}",
      end: "Beenden",
      endAll: "Alle anderen beenden",
      endAllLead:
        "Meldet Sie überall ab außer hier. Apps, die verbunden bleiben dürfen, behalten " +
        "das: Entziehen Sie es ihnen unter Apps.",
      more: "Es gibt {count} weitere, die länger nicht gesehen wurden.",
      onlyThis: "Sie sind sonst nirgends angemeldet.",
      ended: "Die Sitzung ist beendet.",
      othersEnded: "Alle anderen Sitzungen sind beendet.",
      unknown: "Diese Sitzung gibt es nicht mehr. Das sind die vorhandenen.",
    },
    methods: {
      password: "Passwort",
      passkey: "Passkey",
      email: "E-Mail",
      code: "Einmalcode",
      recoveryCode: "Wiederherstellungscode",
      and: "{one} und {other}",
    },
    requests: {
      title: "Anfragen",
      lead: "Hier bitten Apps Sie zu bestätigen, was Sie anderswo mit ihnen tun.",
      none: "Keine Anfrage wartet auf Sie.",
      from: "Eine Anfrage von {client}",
      message: "Vergleichen Sie dies mit dem, was Sie dort sehen:",
      warning:
        "Erlauben Sie nur, was Sie selbst begonnen haben. Wer es begonnen hat, handelt danach in " +
        "Ihrem Namen.",
      allowOf: "Erlauben: die Anfrage von {client}",
      denyOf: "Nicht erlauben: die Anfrage von {client}",
      notices: {
        allowed: "Sie haben sie erlaubt. Es geht dort weiter, wo Sie begonnen haben.",
        denied: "Sie haben sie nicht erlaubt. Die App bekommt nichts.",
        gone: "Diese Anfrage ist vorbei: Sie wurde beantwortet, oder es hat zu lange gedauert.",
        changed: "Was diese Anfrage verlangt, hat sich geändert. Sehen Sie sie noch einmal an.",
      },
      waiting: "Die Anfrage einer App wartet auf Ihre Antwort.",
      see: "Die Anfrage ansehen",
    },
    apps: {
      title: "Apps",
      lead: "Apps, denen Sie Zugriff auf Ihr Konto gegeben haben, und was sie dürfen.",
      none: "Keine App hat Zugriff auf Ihr Konto.",
      since: "Erlaubt seit {date}",
      lastUsed: "Zuletzt angemeldet oder erneuert {date}",
      offline: "Bleibt verbunden",
      offlineMeta: "Hat Zugriff, auch wenn Sie sie nicht benutzen",
      may: "Sie darf:",
      at: "bei {host}",
      withdraw: "Zugriff entziehen",
      withdrawTitle: "{client} den Zugriff entziehen?",
      withdrawLead: "Die App verliert sofort den Zugriff auf Ihr Konto, auf allen Ihren Geräten.",
      withdrawMore:
        "Was sie schon gespeichert hat, bleibt bei ihr. Wenn Sie sie wieder benutzen, " +
        "muss sie Sie noch einmal fragen.",
      withdrawOwn: "Sie gehört zu dieser Website: Wenn Sie sie wieder benutzen, hat sie ohne " +
        "Nachfrage wieder Zugriff.",
      withdrawn: "Die App hat keinen Zugriff mehr.",
      unknown: "Diese App hat keinen Zugriff. Das sind die Apps, die ihn haben.",
    },
    activity: {
      title: "Aktivität",
      lead: "Was mit Ihrem Konto geschehen ist, das Neueste zuerst.",
      none: "Es ist noch nichts geschehen.",
      older: "Ältere",
      newest: "Zurück zu den neuesten",
      from: "Von {place}",
      byAdministrator: "Durch jemanden, der diese Website betreibt",
      other: "Etwas anderes: {type}",
      events: {
        account_exported: "Sie haben Ihre Daten heruntergeladen",
        address_change_requested: "Eine neue E-Mail-Adresse wurde eingegeben",
        address_changed: "Ihre E-Mail-Adresse wurde geändert",
        address_verified: "Ihre E-Mail-Adresse wurde bestätigt",
        application_withdrawn: "Sie haben {client} den Zugriff entzogen",
        client_not_told_of_logout:
          "{client} konnte nicht erfahren, dass eine Sitzung endete: Melden Sie sich auch dort ab",
        code_issued: "{client} erhielt Zugriff auf Ihr Konto",
        consent_denied: "Sie haben {client} nicht erlaubt",
        backchannel_allowed: "Sie haben eine Anfrage von {client} erlaubt",
        backchannel_denied: "Sie haben eine Anfrage von {client} abgelehnt",
        backchannel_requested: "{client} hat Ihnen eine Anfrage geschickt",
        consent_given: "Sie haben {client} erlaubt",
        device_allowed: "Sie haben ein Gerät mit {client} verbunden",
        device_denied: "Sie haben ein Gerät nicht mit {client} verbunden",
        first_factor_passed: "Der erste von zwei Schritten der Anmeldung ist gelungen",
        front_channel_issued: "{client} erhielt Zugriff auf Ihr Konto",
        grant_ended: "Der Zugriff von {client} endete",
        grant_ended_stolen:
          "Der Zugriff von {client} wurde beendet: Etwas, das nur einmal gilt, kam " +
          "zweimal, wie nach einem Diebstahl",
        invitation_accepted: "Sie haben eine Einladung angenommen",
        magic_link_turned_into_code:
          "Ein Link zum Anmelden wurde in einem anderen Browser geöffnet, der einen Code zeigte",
        mail_sign_in_requested: "Ein Link oder ein Code zum Anmelden wurde angefordert",
        passkey_added: "Ein Passkey wurde hinzugefügt",
        passkey_became_syncable: "Ein Passkey kann ab jetzt synchronisiert werden",
        passkey_copied: "Ein Passkey wurde abgelehnt, weil er möglicherweise kopiert wurde",
        passkey_counter_lagged: "Ein synchronisierter Passkey hat rückwärts gezählt",
        passkey_removed: "Ein Passkey wurde entfernt",
        passkey_renamed: "Ein Passkey wurde umbenannt",
        password_changed: "Ihr Passwort wurde geändert",
        password_removed: "Ihr Passwort wurde entfernt",
        password_reset: "Ein neues Passwort wurde gewählt, mit einem Link aus einer Mail",
        password_reset_requested: "Ein Link für ein neues Passwort wurde angefordert",
        profile_updated: "Ihr Profil wurde geändert",
        recovery_code_used: "Ein Wiederherstellungscode wurde benutzt",
        recovery_codes_made: "Neue Wiederherstellungscodes wurden erzeugt",
        session_ended: "Eine Sitzung endete",
        sessions_ended: "Alle anderen Sitzungen wurden beendet",
        sign_in_failed: "Jemand hat erfolglos versucht, sich anzumelden",
        signed_in: "Angemeldet",
        signed_in_how: "Angemeldet mit {how}",
        signed_out: "Abgemeldet",
        totp_added: "Eine Authenticator-App wurde eingerichtet",
        totp_removed: "Die Authenticator-App wurde entfernt",
        user_activated: "Ihr Konto wurde wieder freigegeben",
        user_created: "Ihr Konto wurde angelegt",
        user_suspended: "Ihr Konto wurde gesperrt",
        user_updated: "Ihr Konto wurde geändert",
      },
    },
    data: {
      title: "Ihre Daten",
      exportTitle: "Ihre Daten herunterladen",
      exportLead: "Eine Datei mit allem, was hier über Sie gespeichert ist: Profil, Anmeldung, " +
        "Sitzungen, Apps und Aktivität. Sie ist für Programme gemacht (JSON) und enthält keine " +
        "Geheimnisse.",
      export: "Herunterladen",
      deleteTitle: "Ihr Konto löschen",
      deleteLead:
        "Ihr Konto und alles, was dazu gespeichert ist, verschwindet sofort und lässt sich " +
        "nicht wiederherstellen. Apps verlieren den Zugriff; was sie selbst gespeichert haben, " +
        "bleibt bei ihnen.",
      deleteLink: "Konto löschen",
      confirmTitle: "Ihr Konto löschen?",
      confirmLead: "Das lässt sich nicht rückgängig machen.",
      confirmUsername: "Geben Sie zur Bestätigung Ihren Benutzernamen {username} ein",
      confirm: "Mein Konto endgültig löschen",
      errors: {
        wrong_username: "Das ist nicht Ihr Benutzername. Geben Sie ihn so ein, wie er dort steht.",
        last_administrator: "Nur noch Sie verwalten diesen Server. Übertragen Sie das zuerst " +
          "jemand anderem.",
      },
      deletedTitle: "Ihr Konto ist gelöscht",
      deleted:
        "Alles, was hier über Sie gespeichert war, ist weg, und Sie sind überall abgemeldet.",
      deletedMail:
        "Hatten Sie eine E-Mail-Adresse bestätigt, ist eine letzte Mail dorthin unterwegs.",
    },
  },
  devMail: {
    title: "Post",
    lead:
      "Was dieser Server gesendet hat, seit er läuft. In der Entwicklung verlässt ihn keine Mail.",
    none: "Noch keine Mail.",
    asHtml: "Als HTML",
    sentAt: "gesendet",
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
