package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOthersAreLetInOnlyWithAToken(t *testing.T) {
	t.Parallel()
	for listen, needsToken := range map[string]bool{
		"127.0.0.1:9911": false, "localhost:0": false, "LOCALHOST:80": false, "[::1]:9911": false, "127.9.9.9:1": false, "[::ffff:127.0.0.1]:1": false,
		"0.0.0.0:9911": true, ":9911": true, "[::]:9911": true, "10.0.0.1:80": true, "alerter.example.com:80": true, "localhost.example.com:80": true,
	} {
		_, err := LoadBytes("rules.yaml", []byte(small+"web: {listen: '"+listen+"'}\n"), environment)
		if (err != nil) != needsToken {
			t.Errorf("%s without a token: got %v, want it refused %t", listen, err, needsToken)
		}
		_, err = LoadBytes("rules.yaml", []byte(small+"web: {listen: '"+listen+"', token: abc}\n"), environment)
		if err != nil {
			t.Errorf("%s with a token: got %v, want it accepted", listen, err)
		}
	}
}

func TestTheTokenFileIsReadAtEveryUse(t *testing.T) {
	t.Parallel()
	file := write(t, "token", "first\n", 0o600)
	c := mustLoad(t, small+"web: {listen: 0.0.0.0:9911, token_file: "+file+"}\n")
	if got, err := c.Web.Secret(); got != "first" || err != nil {
		t.Errorf("got %q, %v, want first", got, err)
	}
	if err := os.WriteFile(file, []byte("second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Web.Secret(); got != "second" || err != nil {
		t.Errorf("got %q, %v, want second", got, err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Web.Secret(); got != "" || err == nil {
		t.Errorf("got %q, %v, want an emptied file to be an error and not an open door", got, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Web.Secret(); err == nil {
		t.Error("got no error for a file that is gone")
	}
	if got, err := (Web{}).Secret(); got != "" || err != nil {
		t.Errorf("got %q, %v, want no token", got, err)
	}
}

func TestTheKeyFileIsReadAtEveryUse(t *testing.T) {
	t.Parallel()
	file := write(t, "key", "sk-ant-admin01-a\n", 0o644)
	c := mustLoad(t, "organizations: [{admin_key_file: "+file+"}]\nreceivers: [{name: console, console: {}}]\nrules: [{alert: A, limit_change: {}}]\n")
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "rules.yaml:1:34: "+file+" can be read by everybody") {
		t.Errorf("got warnings %q, want one about the open file", c.Warnings)
	}
	for text, want := range map[string]string{"sk-ant-admin01-b": "sk-ant-admin01-b", "": "", "${KEY}": "", "two words": ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := c.Organizations[0].Key()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q in the file: got %q, %v, want %q", text, got, err, want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Organizations[0].Key(); err == nil || strings.Count(err.Error(), file) != 1 {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestAddressesThatKeysMayTravelTo(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://api.anthropic.com": true, "https://api.anthropic.com/": true, "https://proxy.example.com/anthropic": true,
		"http://localhost:8080": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true,
		"http://10.0.0.1": false, "http://localhost.example.com": false, "http://127.0.0.1.example.com": false,
		"ftp://api.anthropic.com": false, "api.anthropic.com": false, "": false, "https://": false, "https://u:p@api.anthropic.com": false,
		"https://api.anthropic.com?x=y": false, "https://api.anthropic.com?": false, "https://api.anthropic.com#x": false, "https://a b": false, "::": false,
	} {
		if err := checkBaseURL(address); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", address, err, ok)
		}
	}
}

func TestCertificateAndKeyMustBelongTogether(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := selfSigned(t, folder, "a")
	_, other := selfSigned(t, folder, "b")
	c := mustLoad(t, small+"web: {tls: {cert_file: "+cert+", key_file: "+key+"}}\n")
	if c.Web.TLS != (TLS{CertFile: cert, KeyFile: key}) {
		t.Errorf("got %+v, want the two files", c.Web.TLS)
	}
	_, err := LoadBytes("rules.yaml", []byte(small+"web: {tls: {cert_file: "+cert+", key_file: "+other+"}}\n"), environment)
	if want := "rules.yaml:4:12: web.tls: private key does not match public key"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	c = mustLoad(t, small+"rules: [{alert: A, limit_change: {}}]\nweb: {tls: {cert_file: "+cert+", key_file: "+key+"}}\n")
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], key) {
		t.Errorf("got warnings %q, want one about the open key", c.Warnings)
	}
}

// selfSigned writes a certificate and its key.
func selfSigned(t *testing.T, folder, name string) (certFile, keyFile string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: from.AddDate(1, 0, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(folder, name+".crt"), filepath.Join(folder, name+".key")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
