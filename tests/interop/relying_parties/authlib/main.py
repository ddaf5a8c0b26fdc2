"""A relying party of Authlib. It writes the URL of its authorization request, reads the address to which
the browser was sent back, and writes what it learned as JSON."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

issuer, client_id, secret, redirect_uri = sys.argv[1:5]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
keys = JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
session = OAuth2Session(
    client_id,
    secret,
    scope="openid email groups offline_access",
    redirect_uri=redirect_uri,
    code_challenge_method="S256",
    token_endpoint_auth_method="client_secret_basic",
)
verifier = generate_token(48)
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce="a-nonce"
)
print(url, flush=True)


def verified(token, nonce):
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
    }
    params = {"client_id": client_id, "access_token": token["access_token"]}
    if nonce is not None:
        params["nonce"] = nonce
    claims = jwt.decode(
        token["id_token"], keys, claims_cls=CodeIDToken, claims_options=options, claims_params=params
    )
    claims.validate()
    return claims


callback = sys.stdin.readline().strip()
answer = parse_qs(urlsplit(callback).query)
assert answer["state"] == [state] and answer["iss"] == [issuer], "another state or issuer"


def exchange():
    return session.fetch_token(
        metadata["token_endpoint"], authorization_response=callback, code_verifier=verifier
    )


token = exchange()
first = verified(token, "a-nonce")
info = session.get(metadata["userinfo_endpoint"], timeout=10).json()
refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
again = verified(refreshed, None)
try:
    exchange()
    replay = "accepted"
except OAuthError as error:
    replay = error.error
print(
    json.dumps(
        {
            "email": info["email"],
            "verified": info["email_verified"],
            "groups": info["groups"],
            "sameSubject": first["sub"] == info["sub"] == again["sub"],
            "replay": replay,
        }
    )
)
