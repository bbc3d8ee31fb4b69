package notify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/notify/chart"
)

// leaf is a part of a mail that has no parts, decoded, and where it is.
type leaf struct {
	where, kind, id, body string
}

// leaves reads the parts of a mail, and the parts of those.
func leaves(t *testing.T, where string, header textproto.MIMEHeader, body io.Reader) []leaf {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		switch header.Get("Content-Transfer-Encoding") {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		read, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("decode %s: %v", kind, err)
		}
		return []leaf{{where, kind, header.Get("Content-ID"), strings.ReplaceAll(string(read), "\r\n", "\n")}}
	}
	var all []leaf
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("read a part of %s: %v", kind, err)
		}
		all = append(all, leaves(t, where+kind+" ", p.Header, p)...)
	}
}

// mailed sends a message and returns the parts of the mail.
func mailed(t *testing.T, m Message) []leaf {
	t.Helper()
	p := newPost(t, postOptions{})
	if _, err := open(t, "email", mailSettings(p, map[string]any{"require_tls": false}), nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	read, err := mail.ReadMessage(bytes.NewReader(p.mailed()[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	return leaves(t, "", textproto.MIMEHeader(read.Header), read.Body)
}

func TestAMailsChartComesWithItAndStandsInItsPage(t *testing.T) {
	t.Parallel()
	m := samples()[0].m
	plain := mailed(t, m)
	m.Chart = &chart.Picture{PNG: bytes.Repeat([]byte("\x89PNG picture"), 50), Width: 480, Height: 240, Title: "title", Text: `Used: 96 % & "more".`}
	parts := mailed(t, m)
	var got []string
	for _, part := range parts {
		got = append(got, part.where+part.kind+part.id)
	}
	want := []string{
		"multipart/related multipart/alternative text/plain",
		"multipart/related multipart/alternative text/html",
		"multipart/related image/png<chart@alerter>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("parts (-want +got):\n%s", diff)
	}
	if parts[0].body != plain[0].body {
		t.Errorf("got another text beside a chart:\n%s", cmp.Diff(plain[0].body, parts[0].body))
	}
	for _, want := range []string{`<img src="cid:chart@alerter"`, `alt="Used: 96 % &amp; &#34;more&#34;."`} {
		if !strings.Contains(parts[1].body, want) {
			t.Errorf("got no %s in the page", want)
		}
	}
	if parts[2].body != string(m.Chart.PNG) {
		t.Errorf("got a picture of %d bytes, want the %d that were drawn", len(parts[2].body), len(m.Chart.PNG))
	}
	if strings.Contains(plain[1].body, "<img") {
		t.Error("got an image in the page of a mail without a chart")
	}
}
