package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	set := struct {
		Token   Secret
		Headers map[string]Secret
		Many    []Secret
		Empty   Secret
	}{Token: testToken, Headers: map[string]Secret{"A": testToken}, Many: []Secret{testToken}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%X", "%10s"} {
		for _, v := range []any{set, &set, set.Token, &set.Token} {
			text := fmt.Sprintf(verb, v)
			if strings.Contains(text, testToken) || strings.Contains(text, fmt.Sprintf("%x", testToken)) || strings.Contains(text, fmt.Sprintf("%X", testToken)) {
				t.Errorf("%s shows the secret: %s", verb, text)
			}
		}
	}
	b, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Token":"\u003csecret\u003e","Headers":{"A":"\u003csecret\u003e"},"Many":["\u003csecret\u003e"],"Empty":""}`; string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
	if y, _ := set.Token.MarshalYAML(); y != "<secret>" {
		t.Errorf("got %v in YAML, want <secret>", y)
	}
}

func TestSecretFilesAreReadAtUse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	if _, err := readSecret("token", "", file); err == nil || !strings.Contains(err.Error(), "read token_file") {
		t.Errorf("got %v for a missing file, want an error that names token_file", err)
	}
	for _, content := range []string{"one", "two\n", "three\r\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSecret("token", "", file)
		if want := strings.TrimSpace(content); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readSecret("token", "", file); err == nil {
		t.Errorf("got %q for an empty file, want an error", got)
	}
}

func TestRedactedErrorsLoseAddressesAndKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	const secret = "https://hooks.example.com/services/T0/B0/tok%2Fen?key=abc123"
	inner := &url.Error{Op: "Post", URL: secret, Err: fmt.Errorf("dial: %w: /services/T0/B0/tok%%2Fen?key=abc123", os.ErrDeadlineExceeded)}
	err := newRedactor(secret).err(fmt.Errorf("post: %w", inner))
	for _, part := range []string{"tok", "abc123", "services"} {
		if strings.Contains(err.Error(), part) {
			t.Errorf("got %q, which shows %q", err, part)
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want it to still be a missed deadline", err)
	}
}
