package notify

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	next   = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
	wrong  = "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
)

// verify asks the npm package about a delivery.
func verify(t *testing.T, key string, d delivery) (string, error) {
	t.Helper()
	headers := map[string]string{}
	for name := range d.header {
		headers[strings.ToLower(name)] = d.header.Get(name)
	}
	question, err := json.Marshal(map[string]any{"secret": key, "body": string(d.body), "headers": headers})
	if err != nil {
		t.Fatal(err)
	}
	program(t, absolute(t, "node_modules/standardwebhooks/package.json"))
	cmd := exec.CommandContext(t.Context(), node(t), absolute(t, "verify.mjs"))
	cmd.Stdin = bytes.NewReader(question)
	said, err := cmd.Output()
	return strings.TrimSpace(string(said)), err
}

func TestStandardwebhooksVerifiesEverySecretAndNoOther(t *testing.T) {
	t.Parallel()
	r := newRecorder(t)
	send(t, channel(t, "webhook", settings{
		"url": r.url, "secret": secret, "secrets": []string{next}, "allow_private_networks": true,
	}), episode()[0])
	d := r.next(t)
	for _, key := range []string{secret, next} {
		if got, err := verify(t, key, d); err != nil || got != "alert.firing" {
			t.Errorf("got %q, %v; want a verified alert.firing", got, err)
		}
	}
	if _, err := verify(t, wrong, d); err == nil {
		t.Error("got verified with a secret that did not sign")
	}
	d.body = bytes.Replace(d.body, []byte("warning"), []byte("nothing"), 1)
	if _, err := verify(t, secret, d); err == nil {
		t.Error("got verified after the body was changed")
	}
}
