// A relying party of go-oidc and golang.org/x/oauth2. It writes the URL of its authorization request,
// reads the address to which the browser was sent back, and writes what it learned as JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	issuer, clientID, secret, redirectURL := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx := context.Background()
	provider := must(oidc.NewProvider(ctx, issuer))
	config := oauth2.Config{
		ClientID:     clientID,
		ClientSecret: secret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  redirectURL,
		Scopes:       []string{oidc.ScopeOpenID, "email", "groups", oidc.ScopeOfflineAccess},
	}
	verifier := oauth2.GenerateVerifier()
	fmt.Println(config.AuthCodeURL("a-state", oidc.Nonce("a-nonce"), oauth2.S256ChallengeOption(verifier)))

	line := must(bufio.NewReader(os.Stdin).ReadString('\n'))
	callback := must(url.Parse(strings.TrimSpace(line))).Query()
	if callback.Get("state") != "a-state" || callback.Get("iss") != issuer {
		panic("another state or issuer")
	}
	token := must(config.Exchange(ctx, callback.Get("code"), oauth2.VerifierOption(verifier)))
	idToken := verified(ctx, provider, clientID, token)
	if idToken.Nonce != "a-nonce" {
		panic("another nonce")
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		panic(err)
	}
	info := must(provider.UserInfo(ctx, oauth2.StaticTokenSource(token)))
	var claims struct {
		Groups []string `json:"groups"`
	}
	if err := info.Claims(&claims); err != nil {
		panic(err)
	}
	refreshed := must(config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token())
	again := verified(ctx, provider, clientID, refreshed)
	_, replay := config.Exchange(ctx, callback.Get("code"), oauth2.VerifierOption(verifier))

	must(0, json.NewEncoder(os.Stdout).Encode(map[string]any{
		"email":       info.Email,
		"verified":    info.EmailVerified,
		"groups":      claims.Groups,
		"sameSubject": idToken.Subject == info.Subject && again.Subject == info.Subject,
		"replay":      errorCode(replay),
	}))
}

func verified(ctx context.Context, provider *oidc.Provider, clientID string, token *oauth2.Token) *oidc.IDToken {
	raw, _ := token.Extra("id_token").(string)
	return must(provider.Verifier(&oidc.Config{ClientID: clientID}).Verify(ctx, raw))
}

func errorCode(err error) string {
	if retrieve, ok := err.(*oauth2.RetrieveError); ok {
		return retrieve.ErrorCode
	}
	return fmt.Sprint(err)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
