package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// webhookPage is what docs/webhook.md says.
func webhookPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/webhook.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is the only block of that language in a page.
func block(t *testing.T, text, language string) string {
	t.Helper()
	found := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("got %d blocks of %s, want one", len(found), language)
	}
	return found[0][1]
}

// firstColumn is what stands in backquotes in the first column of the table
// whose head begins so.
func firstColumn(t *testing.T, text, head string) (names []string) {
	t.Helper()
	_, table, ok := strings.Cut(text, "\n| "+head+" |")
	if !ok {
		t.Fatalf("there is no table %q", head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(table, "\n")[2:] {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(line, "|")[1], -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return names
}

func TestTheWebhookPageShowsTheMessageThatIsSent(t *testing.T) {
	t.Parallel()
	sent, err := os.ReadFile("testdata/golden/webhook/fired.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(sent), "\n\n")
	if diff := cmp.Diff(strings.TrimSpace(body), block(t, webhookPage(t), "json")); diff != "" {
		t.Errorf("the example differs (-sent +shown):\n%s", diff)
	}
}

func TestTheWebhookPageNamesEveryTypeFieldAndAnnotation(t *testing.T) {
	t.Parallel()
	text := webhookPage(t)
	types, annotations := map[string]bool{}, map[string]bool{}
	for _, s := range samples() {
		types[standardType(s.m)] = true
		for _, i := range s.m.Items {
			for key := range i.Alert.Annotations {
				annotations[key] = true
			}
		}
	}
	fields := append(jsonNames(reflect.TypeFor[standardAlert]()), jsonNames(reflect.TypeFor[Alert]())...)
	slices.Sort(fields)
	body := []string{"timestamp", "type"}
	for _, name := range jsonNames(reflect.TypeFor[standardData]()) {
		body = append(body, "data."+name)
	}
	slices.Sort(body)
	_, perAlert, _ := strings.Cut(text, "\nEach alert:")
	for _, c := range []struct {
		text, head string
		want       []string
	}{
		{text, "header", []string{"webhook-id", "webhook-signature", "webhook-timestamp"}},
		{text, "field", body},
		{text, "type", slices.Sorted(maps.Keys(types))},
		{perAlert, "field", fields},
		{perAlert, "annotation", slices.Sorted(maps.Keys(annotations))},
	} {
		if diff := cmp.Diff(c.want, firstColumn(t, c.text, c.head)); diff != "" {
			t.Errorf("the table %q differs (-sent +described):\n%s", c.head, diff)
		}
	}
}

// jsonNames are the names of a struct's own fields in JSON.
func jsonNames(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		if name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// verify reports whether body was sent within five minutes of at by who knows secret.
func verify(secret string, h http.Header, body []byte, at time.Time) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	sent, noTime := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || noTime != nil || at.Sub(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", h.Get("webhook-id"), sent, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.ContainsFunc(strings.Fields(h.Get("webhook-signature")), func(s string) bool {
		return hmac.Equal([]byte(s), []byte(want))
	})
}

// vector is the signed message on the page.
func vector(t *testing.T) (secret string, h http.Header, body string) {
	t.Helper()
	text := webhookPage(t)
	head, body, _ := strings.Cut(block(t, text, "text"), "\n\n")
	h = http.Header{}
	for _, line := range strings.Split(head, "\n") {
		key, value, _ := strings.Cut(line, ": ")
		h.Set(key, value)
	}
	return regexp.MustCompile("signed by `(whsec_[^`]+)`").FindStringSubmatch(text)[1], h, body
}

func TestTheWebhookPagesSignedMessageIsOneOfOurs(t *testing.T) {
	t.Parallel()
	secret, got, body := vector(t)
	m := TestMessage("automation", "test-1", "", noon)
	want, err := standardBody(m, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), body); diff != "" {
		t.Errorf("body differs (-sent +shown):\n%s", diff)
	}
	h := http.Header{}
	if err := sign(h, webhookID(m.Key), noon, want, []string{secret}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, got); diff != "" {
		t.Errorf("headers differ (-sent +shown):\n%s", diff)
	}
}

func TestTheWebhookPagesGoTellsTrueFromFalse(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("webhook_doc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(own), "\n"+block(t, webhookPage(t), "go")+"\n") {
		t.Error("the page's Go is not the function that this test runs")
	}
	secret, h, body := vector(t)
	changed := h.Clone()
	changed.Set("webhook-id", "msg_other")
	two := h.Clone()
	two.Set("webhook-signature", "v1,b3RoZXI= "+h.Get("webhook-signature"))
	for name, c := range map[string]struct {
		h    http.Header
		body string
		at   time.Time
		want bool
	}{
		"as sent":          {h, body, noon.Add(time.Second), true},
		"two signatures":   {two, body, noon, true},
		"too late":         {h, body, noon.Add(6 * time.Minute), false},
		"another body":     {h, body + " ", noon, false},
		"another id":       {changed, body, noon, false},
		"without a header": {http.Header{}, body, noon, false},
	} {
		if got := verify(secret, c.h, []byte(c.body), c.at); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestTheWebhookPagesPythonTellsTrueFromFalse(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here to run it with")
	}
	secret, h, body := vector(t)
	headers := map[string]string{}
	for key := range h {
		headers[strings.ToLower(key)] = h.Get(key)
	}
	said, err := json.Marshal(map[string]any{"secret": secret, "headers": headers, "body": body, "at": noon.Unix()})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), python, "-c", block(t, webhookPage(t), "python")+`
import json, sys
m = json.load(sys.stdin)
print(verify(m["secret"], m["headers"], m["body"].encode(), m["at"]),
      verify(m["secret"], m["headers"], m["body"].encode() + b" ", m["at"]),
      verify(m["secret"], m["headers"], m["body"].encode(), m["at"] + 360))`)
	run.Stdin = strings.NewReader(string(said))
	out, err := run.CombinedOutput()
	if got, want := strings.TrimSpace(string(out)), "True False False"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
