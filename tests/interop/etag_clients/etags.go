// Changes a user with the ETag of a compressed answer, by net/http. Arguments: URL, access token.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	url, token := os.Args[1], os.Args[2]
	send := func(method, body string, headers map[string]string) *http.Response {
		request, err := http.NewRequest(method, url, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
		return response
	}

	read := send("GET", "", nil)
	encoding := "none"
	if read.Uncompressed { // the transport asked for gzip, and has undone it
		encoding = "gzip"
	}
	etag := read.Header.Get("ETag")
	statuses := []any{encoding, send("GET", "", map[string]string{"If-None-Match": etag}).StatusCode}
	for _, nickname := range []string{"first", "stale"} {
		body := fmt.Sprintf(`{"claims":{"nickname":%q}}`, nickname)
		headers := map[string]string{"If-Match": etag, "Content-Type": "application/merge-patch+json"}
		statuses = append(statuses, send("PATCH", body, headers).StatusCode)
	}
	fmt.Println(statuses...)
}
