"""Every URL that answers more than "not found" or "sign in" to somebody it is not for, and why."""

EVERYBODY: dict[str, str] = {
    "sign-in/": "whoever wants to sign in is not signed in yet",
    "sign-out/": "leads to the sign-in page, whoever asks",
    "password/forgotten/": "whoever forgot a password cannot sign in; answers all addresses alike",
    "password/sent/": "says that a mail was sent, to anybody",
    "password/<str:uidb64>/<str:token>/": "the token of the mail is the permission",
    "admin/login/": "leads to the sign-in page",
    "admin/logout/": "leads to the sign-in page",
    "admin/password_change/": "leads to the page for one's own password, which asks to sign in",
    "api/v1/tokens": "changes a password for a token: there is no token yet",
    "webhooks/github": "GitHub signs what it sends; nothing is answered but whether it was stored",
}

THEIR_OWN: dict[str, str] = {
    "": "the portal's home: of the organization of whoever is signed in",
    "account/": "one's own account",
    "account/zone/": "one's own time zone",
    "account/password/": "one's own password",
    "tickets/": "the tickets of one's own organization, or whom to ask for a seat",
    "tickets/new/": "a ticket of one's own, or whom to ask for a seat",
    "tickets/new/preview/": "shows what one has just written oneself",
    "tickets/new/reading/": "says how one's own script is read",
    "tickets/new/similar/": "tickets of one's own organization, and public issues",
    "account/tokens/": "one's own tokens",
    "api/v1/me": "who am I",
    "api/v1/organizations": "one's own organization",
    "api/v1/projects": "the projects of one's own organization",
    "api/v1/tickets": "the tickets of one's own organization",
    "api/v1/schema": "the API's description, the same for everybody who is signed in",
}
"""Signed-in people get their own here; what is another's is looked for all the same."""
